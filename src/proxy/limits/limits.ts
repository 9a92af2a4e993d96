import { type BucketTable, createBucketTable } from '../../state/rate/bucket-table.ts'
import { createLeases, type Leases } from './leases.ts'
import { createSlots, type Slots } from './slots.ts'

/** Most keys that one isolate counts for itself: some 10 MB. */
const MOST_BUCKETS = 50_000

/** What the limits of an isolate have come to. */
export interface LimitCounts {
  /** Requests that came too often. */
  rateLimited: number
  /** Requests that were too many at once. */
  tooManyAtOnce: number
  /** Requests let through since the platform's limit is not there or gave no answer. */
  platformMissed: number
  /** Requests that a global limit let through or refused by this isolate's count alone. */
  globalAlone: number
}

/** Everything that an isolate counts for the limits of its routes. */
export interface Limits {
  readonly counts: LimitCounts
  readonly local: BucketTable
  readonly slots: Slots
  readonly leases: Leases
}

/** Nothing counted yet. */
export function createLimits(): Limits {
  return {
    counts: { rateLimited: 0, tooManyAtOnce: 0, platformMissed: 0, globalAlone: 0 },
    local: createBucketTable(MOST_BUCKETS),
    slots: createSlots(),
    leases: createLeases(),
  }
}

/** The same as the status of an isolate says it: with how many keys it knows, and what it asked. */
export function toLimitStatus({ counts, local, leases }: Limits) {
  return {
    ...counts,
    keys: local.size,
    leases: {
      keys: leases.table.size,
      calls: leases.calls,
      unanswered: leases.unanswered,
    },
  }
}
