import type { ChangeResult, DnsFailure } from '../src/schema/dns-record-set.ts'

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
