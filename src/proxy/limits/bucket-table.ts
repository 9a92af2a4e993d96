import type { WideHash } from '../../core/kernel/wide-hash.ts'
import type { Quota } from '../../schema/limit.ts'
import { type Bucket, emptyAtMs, emptyBucket, leak } from '../../state/rate/gcra.ts'

/** Most keys that one isolate counts for itself: some 10 MB. */
export const MOST_BUCKETS = 50_000

/** How many of the oldest are looked at when one has to go. */
const LOOKED_AT = 8

/** Buckets by key. Bounded: when it is full, of a few old ones the one goes that has the least to forget. */
export interface BucketTable {
  readonly most: number
  readonly entries: Map<WideHash, Entry>
}

interface Entry {
  bucket: Bucket
  readonly quotas: readonly Quota[]
}

/** No buckets yet. */
export function createBucketTable(most: number = MOST_BUCKETS): BucketTable {
  return { most, entries: new Map() }
}

/** The bucket of a key as it is now; an empty one for a key that is not known. */
export function bucketOf(
  table: BucketTable,
  key: WideHash,
  of: { readonly quotas: readonly Quota[]; readonly nowMs: number },
): Bucket {
  const entry = table.entries.get(key)
  if (entry === undefined) return emptyBucket(of.quotas, of.nowMs)
  entry.bucket = leak(entry.bucket, entry.quotas, of.nowMs)
  return entry.bucket
}

/** Puts a bucket in its place. */
export function keepBucket(
  table: BucketTable,
  key: WideHash,
  of: { readonly quotas: readonly Quota[]; readonly bucket: Bucket },
): void {
  const entry = table.entries.get(key)
  if (entry !== undefined) {
    entry.bucket = of.bucket
    return
  }
  if (table.entries.size >= table.most) forgetOne(table)
  table.entries.set(key, { quotas: of.quotas, bucket: of.bucket })
}

/** The others that were looked at go to the end: next time it is the turn of others. */
function forgetOne({ entries }: BucketTable): void {
  const oldest: [WideHash, Entry][] = []
  for (const each of entries) {
    oldest.push(each)
    if (oldest.length === LOOKED_AT) break
  }
  const ends = oldest.map(([, { bucket, quotas }]) => emptyAtMs(bucket, quotas))
  const soonest = ends.indexOf(Math.min(...ends))
  for (const [at, [key, entry]] of oldest.entries()) {
    entries.delete(key)
    if (at !== soonest) entries.set(key, entry)
  }
}
