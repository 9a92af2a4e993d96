import type { Quota } from '../src/schema/limit.ts'
import { entryOf } from '../src/state/rate/bounded-table.ts'
import { bucketOf, createBucketTable, keepBucket } from '../src/state/rate/bucket-table.ts'
import { type Bucket, emptyAtMs, leak } from '../src/state/rate/gcra.ts'

/** Buckets that one object keeps in memory: some 20 MB. */
const MOST_BUCKETS = 100_000

/**
 * What empties sooner is kept in memory alone: an object that nobody calls is put to rest after 10 s (Durable Object
 * lifecycle), and by then it is empty. Another end of the process forgets as much of each key.
 */
const LASTING_MS = 8000

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

/** Opens the table, and makes it where there is none yet. `most`: how many buckets it stores; the first to empty go. */
export function openLimiterTable(sql: SqlStorage, most: number): LimiterTable {
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
  let total: number | undefined
  const remove = (which: string, ...bindings: readonly number[]): void => {
    const query = `DELETE FROM buckets WHERE key IN (SELECT key FROM buckets ${which}) RETURNING key`
    const removed = sql.exec(query, ...bindings).toArray().length
    if (total !== undefined) total -= removed
  }
  return {
    find(key, quotas, nowMs) {
      const isStored = canLast(quotas) && entryOf(memory, key) === undefined
      const stored = isStored ? read(sql, key) : undefined
      return stored ? leak(stored, quotas, nowMs) : bucketOf(memory, key, { quotas, nowMs })
    },
    keep(key, quotas, bucket) {
      keepBucket(memory, key, { quotas, bucket })
      const emptyMs = emptyAtMs(bucket, quotas)
      if (!canLast(quotas) || emptyMs - bucket.atMs <= LASTING_MS) return undefined
      total ??= countAll(sql)
      if (write(sql, key, { ...bucket, emptyMs }) === 'new') total += 1
      if (total > most) remove('ORDER BY empty_at_ms LIMIT ?', total - most)
      return emptyMs
    },
    sweep(nowMs, batch) {
      remove('WHERE empty_at_ms <= ? LIMIT ?', nowMs, batch)
    },
    firstEmptyAtMs() {
      const [row] = sql.exec<{ at: number | null }>('SELECT min(empty_at_ms) AS at FROM buckets')
      return row?.at ?? undefined
    },
  }
}

/** Whether a full bucket is worth a row: of others none is looked for. */
function canLast(quotas: readonly Quota[]): boolean {
  return quotas.some(({ requests, perMs, burst }) => (burst * perMs) / requests > LASTING_MS)
}

function countAll(sql: SqlStorage): number {
  return sql.exec<{ buckets: number }>('SELECT COUNT(*) AS buckets FROM buckets').one().buckets
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
  { atMs, levels, emptyMs }: Bucket & { readonly emptyMs: number },
): 'new' | 'known' {
  const values = [atMs, JSON.stringify(levels), emptyMs] as const
  const update =
    'UPDATE buckets SET at_ms = ?, levels = ?, empty_at_ms = ? WHERE key = ? RETURNING key'
  if (sql.exec(update, ...values, key).toArray().length > 0) return 'known'
  sql.exec('INSERT INTO buckets VALUES (?, ?, ?, ?)', key, ...values)
  return 'new'
}
