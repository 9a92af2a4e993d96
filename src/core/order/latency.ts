import { distanceKm } from '../kernel/globe.ts'
import { mix, toUnit } from '../kernel/hash.ts'
import { rendezvous, rendezvousScore } from '../kernel/rendezvous.ts'
import { chanceOf } from './chance.ts'
import type { Draw, Group, Order } from './order.ts'
import { hasWeight, ranked } from './ranked.ts'

/** Members this close to the fastest count as equally fast, so that noise does not send all traffic one way. */
const NEAR = 1.1

/** Light in fibre covers 200 km in a millisecond, so a round trip takes at least 1 ms for each 100 km. */
const KM_PER_MS = 100

/** What an unseen member is taken for at the least; also when nobody knows how far it is. */
const LEAST_MS = 1

/** Salts of the two draws of exploration: whether, and whom. */
const WHETHER = 0x77686574
const WHOM = 0x77686f6d

/**
 * Fastest first, by the decayed time to the response headers that this isolate has seen; members within 10 %
 * of the fastest share by weight. With probability `explore` another member goes first, by chance and weight,
 * and the fastest next (epsilon-greedy; Sutton & Barto, "Reinforcement Learning", §2.2). A member not yet
 * measured is taken to be as fast as light allows, so that it is tried where it could win (optimistic initial
 * values, ibid. §2.6); each request already waiting there adds that time again, so that they do not all wait.
 */
export function latency(explore: number): Order {
  return (group, eligible, draw) => {
    const chance = chanceOf(group, draw)
    const order = fastestFirst(group, eligible, draw)
    if (toUnit(mix(chance ^ WHETHER)) >= explore) return order
    const drawn = rendezvous(group, eligible, { key: mix(chance ^ WHOM), take: 2 })
    const explored = drawn.find((member) => member !== order[0])
    if (explored === undefined || !hasWeight(group, explored)) return order
    return [explored, ...order.filter((member) => member !== explored)].slice(0, draw.take)
  }
}

function fastestFirst(group: Group, eligible: readonly number[], draw: Draw): number[] {
  const chance = chanceOf(group, draw)
  // By member, asked once for each: the load of a pool is a sum over its origins.
  const expected = new Float64Array(group.ids.length)
  let best = Infinity
  for (const member of eligible) {
    if (!hasWeight(group, member)) continue
    const ms = expectedMs(group, member, draw)
    expected[member] = ms
    if (ms < best) best = ms
  }
  const near = best * NEAR
  const score = (member: number) => {
    const ms = expected[member] ?? best
    return ms <= near ? best : ms
  }
  const tie = (member: number) => rendezvousScore(group, member, chance)
  return ranked(group, eligible, { take: draw.take, score, tie })
}

function expectedMs(group: Group, member: number, draw: Draw): number {
  const { latencyMs, inFlight } = draw.load(member)
  if (latencyMs !== undefined) return latencyMs
  const place = group.vectors[member]
  const known = place !== undefined && draw.position !== undefined
  const km = known ? distanceKm(place, draw.position) : 0
  return Math.max(LEAST_MS, km / KM_PER_MS) * (inFlight + 1)
}
