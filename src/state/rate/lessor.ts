import type { Quota } from '../../schema/limit.ts'
import { type Bucket, leftOfAll, pour } from './gcra.ts'

/** What an isolate says of a key, and what it wants. */
export interface Ask {
  /** What it has let in that nobody leased to it. */
  readonly spent: number
  /** How many more it would like to have. */
  readonly want: number
}

/** What it gets, and how the key stands after it. */
export interface Grant {
  readonly granted: number
  /** Aligned with the quotas. */
  readonly levels: readonly number[]
}

/**
 * Leases requests of a bucket as it is now. What was let in without a lease is taken even beyond the brim, so that
 * it is paid back: nothing is granted until it has leaked away. What is granted is taken at once, whether it will
 * be spent or lapse.
 */
export function lease(
  bucket: Bucket,
  quotas: readonly Quota[],
  { spent, want }: Ask,
): readonly [Bucket, Grant] {
  const charged = spent === 0 ? bucket : pour(bucket, quotas, spent)
  const granted = Math.min(want, leftOfAll(charged, quotas))
  const next = granted === 0 ? charged : pour(charged, quotas, granted)
  return [next, { granted, levels: next.levels }]
}
