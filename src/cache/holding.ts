import type { Purged } from '../core/purge.ts'
import type { TierHolding } from '../schema/cache-report.ts'
import { ageSecondsOf } from './policy/age.ts'
import { type Reuse, ttlSecondsOf } from './policy/reuse.ts'
import type { Stored } from './policy/stored.ts'

/** A stored answer as it stands in a tier, and what is made of it. */
export interface Holding {
  readonly head: Stored
  readonly purged: Purged
  readonly reuse: Reuse
  /** Where they are counted. */
  readonly hits?: number
}

/** Tells of what a tier holds, in numbers and in words. */
export function toHolding({ head, purged, reuse, hits }: Holding, nowMs: number): TierHolding {
  const { status, bodyBytes, receivedAtMs, tags } = head
  const ageSeconds = ageSecondsOf(head, nowMs)
  const ttlSeconds = ttlSecondsOf(head, nowMs)
  const use = reuse.type === 'gateway-timeout' ? 'validate' : reuse.type
  return {
    state: 'held',
    status,
    ...(bodyBytes !== undefined && { bodyBytes }),
    receivedAtMs,
    ageSeconds,
    ttlSeconds,
    tags: [...tags],
    purged,
    ...(hits !== undefined && { hits }),
    use,
    words: wordsOf({ head, purged, reuse }, { ageSeconds, ttlSeconds }),
  }
}

function wordsOf(
  { head, purged, reuse }: Holding,
  { ageSeconds, ttlSeconds }: { readonly ageSeconds: number; readonly ttlSeconds: number },
): string {
  const aged = `a ${head.status} of ${ageSeconds} s`
  if (purged === 'hard') return `${aged}, purged: as if it were not there`
  const soft = purged === 'soft' ? ', purged softly' : ''
  const term = ttlSeconds >= 0 ? `fresh for another ${ttlSeconds} s` : `stale for ${-ttlSeconds} s`
  return `${aged}, ${term}${soft}: ${useOf(reuse)}`
}

function useOf(reuse: Reuse): string {
  switch (reuse.type) {
    case 'fresh':
      return 'given out as it is'
    case 'stale':
      return `given out stale (${reuse.by}), and fetched anew`
    case 'validate':
    case 'gateway-timeout':
      return 'the origin is asked first'
    case 'unusable':
      return 'not used'
  }
}

/** A tier that holds nothing for a request, or is not asked. */
export function toNothing(
  state: Exclude<TierHolding['state'], 'held'>,
  words: string,
): TierHolding {
  return { state, words }
}
