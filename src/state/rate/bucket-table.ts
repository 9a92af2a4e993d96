import type { Quota } from '../../schema/limit.ts'
import { type BoundedTable, createBoundedTable, entryOf, putEntry } from './bounded-table.ts'
import { type Bucket, emptyAtMs, emptyBucket, leak } from './gcra.ts'

/** Buckets by key. When it is full the one goes that has the least to forget. */
export type BucketTable = BoundedTable<BucketEntry>

interface BucketEntry {
  readonly quotas: readonly Quota[]
  bucket: Bucket
}

/** No buckets yet. */
export function createBucketTable(most: number): BucketTable {
  return createBoundedTable(most, ({ bucket, quotas }) => emptyAtMs(bucket, quotas))
}

/** The bucket of a key as it is now; an empty one for a key that is not known. */
export function bucketOf(
  table: BucketTable,
  key: number,
  { quotas, nowMs }: { readonly quotas: readonly Quota[]; readonly nowMs: number },
): Bucket {
  const entry = entryOf(table, key)
  if (entry === undefined) return emptyBucket(quotas, nowMs)
  // Also where nothing is taken of it: a clock that has jumped back is noticed once.
  entry.bucket = leak(entry.bucket, quotas, nowMs)
  return entry.bucket
}

/** Puts a bucket in its place. */
export function keepBucket(
  table: BucketTable,
  key: number,
  { quotas, bucket }: Readonly<BucketEntry>,
): void {
  const entry = entryOf(table, key)
  if (entry === undefined) putEntry(table, key, { quotas, bucket })
  else entry.bucket = bucket
}
