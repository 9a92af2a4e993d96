import type { Quota } from '../../schema/limit.ts'
import { type BoundedTable, putEntry } from './bounded-table.ts'
import { type Bucket, emptyAtMs, emptyBucket, leak } from './gcra.ts'

/** Buckets by key. When it is full the one goes that has the least to forget. */
export type BucketTable = BoundedTable<Entry>

interface Entry {
  readonly bucket: Bucket
  readonly quotas: readonly Quota[]
}

/** No buckets yet. */
export function createBucketTable(most: number): BucketTable {
  return { most, entries: new Map(), endOf: ({ bucket, quotas }) => emptyAtMs(bucket, quotas) }
}

/** The bucket of a key as it is now; an empty one for a key that is not known. */
export function bucketOf(
  { entries }: BucketTable,
  key: number,
  { quotas, nowMs }: { readonly quotas: readonly Quota[]; readonly nowMs: number },
): Bucket {
  const entry = entries.get(key)
  if (entry === undefined) return emptyBucket(quotas, nowMs)
  const bucket = leak(entry.bucket, quotas, nowMs)
  // Also where nothing is taken of it: a clock that has jumped back is noticed once.
  if (bucket !== entry.bucket) entries.set(key, { bucket, quotas })
  return bucket
}

/** Puts a bucket in its place. */
export function keepBucket(table: BucketTable, key: number, entry: Entry): void {
  putEntry(table, key, entry)
}
