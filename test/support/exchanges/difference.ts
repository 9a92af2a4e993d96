import type { CacheServerId } from '../cache-servers/install.ts'
import type { Exchange, Outcome } from './exchange.ts'
import { told } from './case.ts'

/** One respect in which another cache does otherwise than ours. */
export interface Difference {
  readonly cache: CacheServerId
  readonly exchange: Exchange
  /** Which request. */
  readonly at: number
  /** `told`: what was asked of the origin, or what came of it; `head`: an older or newer head; `age`: another Age. */
  readonly respect: 'told' | 'head' | 'age'
  readonly ours: Outcome
  readonly theirs: Outcome
}

/** Seconds of Age that are no difference: some round up. */
const AGE_TOLERANCE = 1

/**
 * What another cache does otherwise. Once it has asked the origin where ours has not, or the reverse, what follows hangs
 * on that and is not compared.
 */
export function differencesOf(
  cache: CacheServerId,
  exchange: Exchange,
  outcomes: { readonly ours: readonly Outcome[]; readonly theirs: readonly Outcome[] },
): readonly Difference[] {
  const pairs = outcomes.ours.map((ours, at) => ({ at, ours, theirs: outcomes.theirs[at] ?? ours }))
  const split = pairs.findIndex(({ ours, theirs }) => told(ours) !== told(theirs))
  const alike = split === -1 ? pairs : pairs.slice(0, split)
  const found = (respect: Difference['respect'], pair: (typeof pairs)[number] | undefined) =>
    pair ? [{ cache, exchange, respect, ...pair }] : []
  return [
    ...found('told', pairs[split]),
    ...found(
      'head',
      alike.find(({ ours, theirs }) => !isSameHead(ours.head, theirs.head)),
    ),
    ...found(
      'age',
      alike.find((pair) => pair.ours.asked === 'not' && !isSameAge(pair)),
    ),
  ]
}

/** A difference in words, for who has to explain it. */
export function toWords({ cache, exchange, at, respect, ours, theirs }: Difference): string {
  const words = (outcome: Outcome) =>
    respect === 'told' ? told(outcome) : `${respect} ${JSON.stringify(outcome[respect])}`
  return `${cache}, request ${at + 1}: we ${words(ours)}, they ${words(theirs)}: ${exchange.title}`
}

/** A 304 need not have the fields that nobody knows. */
function isSameHead(ours: number | undefined, theirs: number | undefined): boolean {
  return ours === theirs || ours === undefined || theirs === undefined
}

function isSameAge({ ours, theirs }: Pick<Difference, 'ours' | 'theirs'>): boolean {
  if (ours.age === undefined || theirs.age === undefined) return ours.age === theirs.age
  const isOlder = theirs.age.least > ours.age.most + AGE_TOLERANCE
  return !isOlder && ours.age.least <= theirs.age.most + AGE_TOLERANCE
}
