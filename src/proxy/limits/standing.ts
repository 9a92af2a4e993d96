import type { CompiledLimit } from '../../core/compile-limits.ts'
import type { QuotaStanding, RefusalReason } from '../../schema/reason.ts'
import { type Bucket, leftOf, moreInMsOf, waitMsOf } from '../../state/rate/gcra.ts'

/** How every window of a limit stands. */
export function standingsOf(limit: CompiledLimit, bucket: Bucket): QuotaStanding[] {
  return limit.quotas.map((quota, at) => {
    const { requests, perMs } = quota
    const level = bucket.levels[at] ?? 0
    const moreInMs = moreInMsOf(level, quota)
    return {
      policy: limit.policies[at] ?? limit.id,
      requests,
      perMs,
      left: leftOf(level, quota),
      ...(moreInMs > 0 && { moreInMs }),
    }
  })
}

/** The same where nobody says how much is left. */
export function policiesOf(limit: CompiledLimit): QuotaStanding[] {
  return limit.quotas.map(({ requests, perMs }, at) => {
    return { policy: limit.policies[at] ?? limit.id, requests, perMs }
  })
}

/** Why a request has come too early, with the window that makes it wait longest. */
export function toRateRefusal(
  limit: CompiledLimit,
  standings: readonly QuotaStanding[],
  retryAfterMs: number,
): RefusalReason {
  const slowest = standings.reduce((slow, each) => (waitOf(each) > waitOf(slow) ? each : slow))
  const { requests, perMs } = slowest
  return {
    type: 'rate-limited',
    limit: limit.id,
    requests,
    perMs,
    retryAfterMs,
    standings: [...standings],
  }
}

/** Why a request finds its bucket full. */
export function toBucketRefusal(limit: CompiledLimit, bucket: Bucket): RefusalReason {
  return toRateRefusal(limit, standingsOf(limit, bucket), waitMsOf(bucket, limit.quotas))
}

function waitOf({ left = 0, moreInMs = 0 }: QuotaStanding): number {
  return left > 0 ? 0 : moreInMs
}
