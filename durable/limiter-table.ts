import type { Quota } from '../src/schema/limit.ts'
import { entryOf } from '../src/state/rate/bounded-table.ts'
import { bucketOf, createBucketTable, keepBucket } from '../src/state/rate/bucket-table.ts'
import { type Bucket, emptyAtMs, leak } from '../src/state/rate/gcra.ts'

/** Buckets that one object keeps in memory: some 20 MB. */
const MOST_BUCKETS = 100_000

/**
 * What empties sooner is kept in memory alone: an object that nobody calls stays at least 70 s (Durable Object
 * lifecycle), and by then it is empty. A restart in between forgets it.
 */
const LASTING_MS = 60_000

/** The buckets of one object. All of it is synchronous. */
export interface LimiterTable {
  find(key: number, quotas: readonly Quota[], nowMs: number): Bucket
  /** Keeps a bucket; says when it will be empty if it was stored. */
  keep(key: number, quotas: readonly Quota[], bucket: Bucket): number | undefined
  /** Removes stored buckets that are empty, at most so many. */
  sweep(nowMs: number, most: number): void
  /** When the first stored bucket is empty. */
  firstEmptyAtMs(): number | undefined
}

/** Opens the table, and makes it where there is none yet. */
export function openLimiterTable(sql: SqlStorage): LimiterTable {
  sql.exec(`
    CREATE TABLE IF NOT EXISTS buckets (
      key INTEGER PRIMARY KEY,
      at_ms INTEGER NOT NULL,
      levels TEXT NOT NULL,
      empty_at_ms INTEGER NOT NULL
    );
    CREATE INDEX IF NOT EXISTS buckets_by_end ON buckets (empty_at_ms);
  `)
  const memory = createBucketTable(MOST_BUCKETS)
  return {
    find(key, quotas, nowMs) {
      const isStored = isLasting(quotas) && entryOf(memory, key) === undefined
      const stored = isStored ? read(sql, key) : undefined
      return stored ? leak(stored, quotas, nowMs) : bucketOf(memory, key, { quotas, nowMs })
    },
    keep(key, quotas, bucket) {
      keepBucket(memory, key, { quotas, bucket })
      return isLasting(quotas) ? write(sql, key, { quotas, bucket }) : undefined
    },
    sweep(nowMs, most) {
      const empty = 'SELECT key FROM buckets WHERE empty_at_ms <= ? LIMIT ?'
      sql.exec(`DELETE FROM buckets WHERE key IN (${empty})`, nowMs, most)
    },
    firstEmptyAtMs() {
      const [row] = sql.exec<{ at: number | null }>('SELECT min(empty_at_ms) AS at FROM buckets')
      return row?.at ?? undefined
    },
  }
}

function isLasting(quotas: readonly Quota[]): boolean {
  return quotas.some(({ requests, perMs, burst }) => (burst * perMs) / requests > LASTING_MS)
}

function read(sql: SqlStorage, key: number): Bucket | undefined {
  const [row] = sql.exec<{ at_ms: number; levels: string }>(
    'SELECT at_ms, levels FROM buckets WHERE key = ?',
    key,
  )
  // Written below, from a bucket of the same quotas: the key stands for them too.
  return row && { atMs: row.at_ms, levels: JSON.parse(row.levels) as readonly number[] }
}

function write(
  sql: SqlStorage,
  key: number,
  { quotas, bucket }: { readonly quotas: readonly Quota[]; readonly bucket: Bucket },
): number {
  const emptyMs = emptyAtMs(bucket, quotas)
  const { atMs, levels } = bucket
  sql.exec(
    'INSERT OR REPLACE INTO buckets VALUES (?, ?, ?, ?)',
    key,
    atMs,
    JSON.stringify(levels),
    emptyMs,
  )
  return emptyMs
}
