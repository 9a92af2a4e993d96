import type { PoolSet, Steer } from '../../schema/steer.ts'
import type { ClientFacts } from '../../schema/facts.ts'
import { rendezvous } from '../kernel/rendezvous.ts'
import { keyOf } from './chance.ts'
import type { Draw, Group, Order } from './order.ts'

type Geo = Extract<Steer, { policy: 'geo' }>

/** The pools of one place, as positions in the group. */
interface Place {
  /** As the place lists them. */
  readonly members: readonly number[]
  /** By position in the group; absent when the place is an ordered list. */
  readonly weights: ArrayLike<number> | undefined
}

/** The levels from narrow to wide, each knowing which of its places a client is in. */
interface Level {
  readonly places: ReadonlyMap<string, Place>
  placeOf(this: void, client: ClientFacts): string | undefined
}

/**
 * By place: the pools of the narrowest place that knows the client, behind them those of each wider one (AS
 * number, region, country, continent), then the default, each as its own list or weights say and none twice.
 * With `spill: "none"` the narrowest place is all there is. Pools that only other places name are left out:
 * where data has to stay in a country, an outage must not move it.
 */
export function compileGeo(geo: Geo, ids: readonly string[]): Order {
  const positions = new Map(ids.map((id, position) => [id, position]))
  const toPlaces = (sets: Readonly<Record<string, PoolSet | undefined>>) =>
    new Map(
      Object.entries(sets).flatMap(([name, set]) =>
        set === undefined ? [] : [[name, compilePlace(set, positions)] as const],
      ),
    )
  const levels: readonly Level[] = [
    { places: toPlaces(geo.asns), placeOf: ({ asn }) => asn?.toString() },
    { places: toPlaces(geo.regions), placeOf: ({ region }) => region },
    { places: toPlaces(geo.countries), placeOf: ({ country }) => country },
    { places: toPlaces(geo.continents), placeOf: ({ continent }) => continent },
  ]
  const everywhere = compilePlace(geo.default, positions)
  return (group, eligible, draw) => {
    const open = new Set(eligible)
    const order: number[] = []
    for (const { places, placeOf } of levels) {
      const name = placeOf(draw.client)
      const place = name === undefined ? undefined : places.get(name)
      if (place === undefined) continue
      order.push(...takePlace(place, open, { group, draw }))
      if (geo.spill === 'none') return order.slice(0, draw.take)
    }
    order.push(...takePlace(everywhere, open, { group, draw }))
    return order.slice(0, draw.take)
  }
}

function compilePlace(set: PoolSet, positions: ReadonlyMap<string, number>): Place {
  const members: number[] = []
  const weights = new Float64Array(positions.size)
  for (const { pool, weight } of set.members) {
    const position = positions.get(pool)
    if (position === undefined) continue
    members.push(position)
    weights[position] = weight
  }
  return { members, weights: set.ordered ? undefined : weights }
}

/** The members of a place that are still open, in its order; they are open no longer. */
function takePlace(
  { members, weights }: Place,
  open: Set<number>,
  { group, draw }: { readonly group: Group; readonly draw: Draw },
): readonly number[] {
  const here = members.filter((member) => open.delete(member))
  if (weights === undefined) return here
  const { hashes } = group
  return rendezvous({ hashes, weights }, here, { key: keyOf(group, draw), take: here.length })
}
