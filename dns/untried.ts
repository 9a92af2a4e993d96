import type { ChangeResult, DnsFailure } from '../src/schema/dns-record-set.ts'

/**
 * How long after the beginning of a call a write may begin. The lease of a run is that, and the time of several
 * requests (`applyMs` in src/state/dns/terms.ts): so the last write has ended before another run may begin.
 */
export const WRITING_MS = 45_000

/** Of a change for whose write it was too late. */
export const NO_TIME_LEFT: ChangeResult = {
  outcome: 'failed',
  failure: { kind: 'timed-out', detail: 'not tried, since no time was left: the next run goes on' },
}

/** Of a change that would have met the failure of another, too. */
export function toUntried(failure: DnsFailure): ChangeResult {
  const detail = `not tried, since another failed: ${failure.detail}`.slice(0, 1024)
  return { outcome: 'failed', failure: { ...failure, detail } }
}
