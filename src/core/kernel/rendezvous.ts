import { combine } from './hash.ts'
import { limitOf, offer, startRanking } from './ranking.ts'

/** Hashes and weights by member. */
export interface Weighed {
  readonly hashes: ArrayLike<number>
  readonly weights: ArrayLike<number>
}

/** What a rendezvous hangs on, and how many places are wanted. */
export interface Meeting {
  /** 32 bits: equal keys meet the same members in the same order. */
  readonly key: number
  readonly take: number
}

const UNIT = 1 / 0x1_0000_0000

/**
 * Weighted rendezvous hashing: the `take` best of `members` for a key. A member's score is `-ln(u) / weight`,
 * where `u` in (0, 1) is the hash of key and member; the smallest score goes first. Over all keys each
 * member comes first in exact proportion to its weight, the rest is in proportion among themselves, and a
 * member whose weight rises or falls moves no key between any two others. With a random key it is weighted
 * sampling without replacement (Efraimidis & Spirakis 2006). Members of weight 0 come last, in listed order.
 *
 * Thaler & Ravishankar, "Using Name-Based Mappings to Increase Hit Rates", IEEE/ACM ToN 6(1), 1998; weighted:
 * Schindelhauer & Schomaker, "Weighted Distributed Hash Tables", SPAA 2005; draft-ietf-bess-weighted-hrw.
 */
export function rendezvous(
  weighed: Weighed,
  members: readonly number[],
  { key, take }: Meeting,
): number[] {
  const { hashes, weights } = weighed
  const ranking = startRanking(take)
  let limit = Infinity
  for (const member of members) {
    const weight = weights[member] ?? 0
    if (weight <= 0) continue
    const chance = unitOf(hashes[member] ?? 0, key)
    // -ln(u) is never below 1 - u, so most members are out of the running before the logarithm.
    if (1 - chance > limit * weight) continue
    offer(ranking, member, -Math.log(chance) / weight)
    limit = limitOf(ranking)
  }
  const best = ranking.members
  for (const member of members) {
    if (best.length >= take) break
    if ((weights[member] ?? 0) <= 0) best.push(member)
  }
  return best
}

/** The score of one member by which `rendezvous` orders: smaller is better, infinite without weight. */
export function rendezvousScore(weighed: Weighed, member: number, key: number): number {
  const weight = weighed.weights[member] ?? 0
  return weight > 0 ? -Math.log(unitOf(weighed.hashes[member] ?? 0, key)) / weight : Infinity
}

/**
 * In (0, 1), half a step from either end so that the logarithm is finite and never 0. 32 bits are all that
 * key and member hold; the step of 2^-32 is 4,000 times finer than the least share the schema lets one of
 * two members have (weights 1 to 1,000,000).
 */
function unitOf(hash: number, key: number): number {
  return (combine(key, hash) + 0.5) * UNIT
}
