import type { RequestFacts } from '../schema/facts.ts'
import type { TrafficMix } from '../schema/simulation.ts'
import { invariant } from './invariant.ts'
import { combine, hashText, mix, toUnit } from './kernel/hash.ts'

/** One request of a mix, and how much of the traffic it stands for. */
export interface WeightedFacts {
  readonly weight: number
  readonly facts: RequestFacts
}

/** The requests of a mix. Clients that are generated are the same for the same seed. */
export function requestsOf(traffic: TrafficMix): readonly WeightedFacts[] {
  return traffic.type === 'given' ? traffic.requests : generate(traffic)
}

type GeneratedMix = Extract<TrafficMix, { type: 'generated' }>

const PLACE = hashText('place')
const REQUEST = hashText('request')
const CHANCE = hashText('chance')

/**
 * Clients fill the places in turn, each place by its weight exactly, so that chance takes no part in how many
 * there are; what they ask for and their addresses are drawn from the seed.
 */
function generate({ clients, seed, places, requests, nowMs = 0 }: GeneratedMix): WeightedFacts[] {
  const start = mix(seed ^ PLACE)
  const placeOf = toPicker(places)
  const requestOf = toPicker(requests)
  return Array.from({ length: clients }, (_, count) => {
    const draw = combine(start, count)
    const { weight: _place, ...place } = placeOf((count + 0.5) / clients)
    const { weight: _request, bond, ...request } = requestOf(toUnit(combine(draw, REQUEST)))
    const facts = {
      ...request,
      client: { ...place, ip: addressOf(seed, count) },
      // Bonds of one moment would come back or leave as one.
      ...(bond && { bond: { ...bond, boundAtMs: bond.boundAtMs - count } }),
      nowMs,
      random: toUnit(combine(draw, CHANCE)),
    }
    return { weight: 1, facts }
  })
}

interface Weighted {
  readonly weight: number
}

/** Picks by a number in [0, 1): each item owns a part of that as long as its weight. */
function toPicker<Item extends Weighted>(items: readonly Item[]): (at: number) => Item {
  const total = items.reduce((sum, { weight }) => sum + weight, 0)
  const ends: number[] = []
  for (const { weight } of items) ends.push((ends.at(-1) ?? 0) + weight / total)
  return (at) => {
    const found = items[ends.findIndex((end) => at < end)] ?? items.at(-1)
    invariant(found, 'a mix has at least one of everything')
    return found
  }
}

/**
 * An address that no other client of the mix has: in 10.0.0.0/8, which stands for anywhere, since only its hash
 * is looked at.
 */
function addressOf(seed: number, count: number): string {
  // An odd factor permutes the 24 bits, so that addresses are spread and never meet.
  const bits = (Math.imul(count, 0x9e3779b1) ^ mix(seed)) & 0xff_ff_ff
  return `10.${bits >>> 16}.${(bits >>> 8) & 0xff}.${bits & 0xff}`
}
