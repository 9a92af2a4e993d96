import { toVector } from '../../../src/core/kernel/globe.ts'
import { hashText } from '../../../src/core/kernel/hash.ts'
import type { Draw, Group, Load } from '../../../src/core/order/order.ts'
import type { Location } from '../../../src/schema/place.ts'

/** Where some cities are. */
export const CITIES = {
  frankfurt: { latitude: 50.11, longitude: 8.68 },
  paris: { latitude: 48.86, longitude: 2.35 },
  virginia: { latitude: 39.04, longitude: -77.49 },
  tokyo: { latitude: 35.68, longitude: 139.69 },
  auckland: { latitude: -36.85, longitude: 174.76 },
  suva: { latitude: -18.14, longitude: 178.44 },
  honolulu: { latitude: 21.31, longitude: -157.86 },
} as const

/** A group: one entry for each member, its weight or its place; the ids are a, b, c, … */
export function groupOf(
  members: readonly { readonly weight?: number; readonly location?: Location }[],
  id = 'route:test',
): Group {
  const ids = members.map((_, position) => letter(position))
  return {
    id,
    salt: hashText(id),
    ids,
    hashes: Uint32Array.from(ids, (each) => hashText(each)),
    weights: Float64Array.from(members, ({ weight = 1 }) => weight),
    vectors: members.map(({ location }) => location && toVector(location)),
  }
}

/** A group of members with these weights. */
export function weighing(...weights: readonly number[]): Group {
  return groupOf(weights.map((weight) => ({ weight })))
}

/** Every position of a group. */
export function everyone(group: Group): number[] {
  return group.ids.map((_, position) => position)
}

const IDLE: Load = { inFlight: 0, latencyMs: undefined }

/** A draw that asks for the whole order; `loads` by member, idle and unmeasured where absent. */
export function drawOf(
  changes: Partial<Draw> & { readonly loads?: readonly Partial<Load>[] } = {},
): Draw {
  const { loads = [], ...draw } = changes
  return {
    key: 0,
    random: 0.5,
    client: {},
    position: undefined,
    take: 1000,
    credits: [],
    load: (member) => ({ ...IDLE, ...loads[member] }),
    ...draw,
  }
}

/** The key of client `n` of a run: a run is the same each time. */
export function keyNumber(n: number): number {
  return hashText(`client-${n}`)
}

/** The chance of request `n` of a run, spread over [0, 1) without pattern. */
export function chanceNumber(n: number): number {
  return hashText(`request-${n}`) / 2 ** 32
}

function letter(position: number): string {
  return position < 26 ? String.fromCharCode(97 + position) : `m${position}`
}
