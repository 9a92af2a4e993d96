import { pour, waitMsOf } from '../../state/rate/gcra.ts'
import { type BucketTable, bucketOf, keepBucket } from '../../state/rate/bucket-table.ts'
import type { Claim, Counter } from './claim.ts'
import { standingsOf, toBucketRefusal } from './standing.ts'

/** Counts in this isolate alone: exact here, without any call, and nothing is known of the others. */
export function localCounter(table: BucketTable, nowMs: number): Counter {
  const bucketFor = ({ limit, key }: Claim) => {
    return bucketOf(table, key, { quotas: limit.quotas, nowMs })
  }
  return {
    refusalOf(claim) {
      const { limit } = claim
      const bucket = bucketFor(claim)
      return waitMsOf(bucket, limit.quotas) > 0 ? toBucketRefusal(limit, bucket) : undefined
    },
    take(claim) {
      const { quotas } = claim.limit
      keepBucket(table, claim.key, { quotas, bucket: pour(bucketFor(claim), quotas, 1) })
    },
    standingsOf: (claim) => standingsOf(claim.limit, bucketFor(claim)),
  }
}
