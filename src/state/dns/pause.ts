import type { DnsFailure } from '../../schema/dns-record-set.ts'
import { clip } from '../outbox/notice.ts'
import { type Pause, ZONE } from './state.ts'

const LONGEST_DETAIL = 1024

/** What stands in the way: a failure, or somebody who writes the same record. */
export interface Setback {
  readonly failure: DnsFailure
  readonly isConflict: boolean
}

/** The pause after one more setback: 5 s, 10 s … 5 min, or as long as we are asked to wait. */
export function nextPause(
  before: Pause | null,
  { failure, isConflict }: Setback,
  nowMs: number,
): Pause {
  const failures = (before?.failures ?? 0) + 1
  const doubledMs = ZONE.firstPauseMs * 2 ** Math.min(failures - 1, 16)
  const askedMs = Math.min(failure.retryAfterMs ?? 0, ZONE.longestRetryAfterMs)
  // The first conflict is looked at anew at once: somebody was faster, and is most likely done.
  const isAtOnce = isConflict && failures === 1
  const ownMs = isAtOnce ? 0 : Math.min(doubledMs, ZONE.longestPauseMs)
  const detail = clip(failure.detail, LONGEST_DETAIL)
  return {
    failures,
    sinceMs: nowMs,
    pauseMs: Math.max(ownMs, askedMs),
    failure: { ...failure, detail },
    isConflict,
    isTold: before?.isTold ?? false,
  }
}

/** When the next attempt may follow. */
export function pauseEndMs(pause: Pause | null): number {
  return pause === null ? 0 : pause.sinceMs + pause.pauseMs
}
