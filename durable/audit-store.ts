import { AUDIT_LIMITS, type AuditEntry, type AuditMark } from '../src/schema/audit.ts'
import type { Deed } from '../src/schema/deed.ts'
import { type AuditRow, GENESIS, toAuditRow } from '../src/state/audit-chain.ts'

/**
 * The audit log in SQLite. All of it is synchronous: an entry is written in the transaction of what it tells of,
 * or not at all.
 */
export interface AuditStore {
  append(deed: Deed, atMs: number): void
  /** Newest first. */
  list(range: { readonly limit: number; readonly before: number | undefined }): AuditEntry[]
  /** So many entries after one, oldest first, as they were hashed. */
  rows(after: number, limit: number): AuditRow[]
  marks(): { readonly anchor: AuditMark; readonly head: AuditMark }
}

/** Opens the tables, and makes them where there are none yet. `kept`: how many entries. */
export function openAuditStore(sql: SqlStorage, kept: number = AUDIT_LIMITS.kept): AuditStore {
  sql.exec(`
    CREATE TABLE IF NOT EXISTS audit (sequence INTEGER PRIMARY KEY, text TEXT NOT NULL, hash TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS audit_marks (name TEXT PRIMARY KEY, sequence INTEGER NOT NULL, hash TEXT NOT NULL);
  `)
  return {
    append(deed, atMs) {
      const row = toAuditRow(readMark(sql, 'head'), deed, atMs)
      sql.exec('INSERT INTO audit VALUES (?, ?, ?)', row.sequence, row.text, row.hash)
      writeMark(sql, 'head', row)
      prune(sql, row.sequence - kept)
    },
    list({ limit, before }) {
      const query = 'SELECT * FROM audit WHERE sequence < ? ORDER BY sequence DESC LIMIT ?'
      return [...sql.exec<Row>(query, before ?? Number.MAX_SAFE_INTEGER, limit)].map(toEntry)
    },
    rows(after, limit) {
      const query = 'SELECT * FROM audit WHERE sequence > ? ORDER BY sequence LIMIT ?'
      return [...sql.exec<Row>(query, after, limit)]
    },
    marks: () => ({ anchor: readMark(sql, 'anchor'), head: readMark(sql, 'head') }),
  }
}

/** A row of `audit`; a type and no interface, since the platform wants an index signature. */
type Row = { readonly sequence: number; readonly text: string; readonly hash: string }

/** What was hashed is what is shown. */
function toEntry({ text, hash }: Row): AuditEntry {
  return { ...(JSON.parse(text) as Omit<AuditEntry, 'hash'>), hash }
}

/** Forgets the oldest up to `last`, whose hash stays behind. */
function prune(sql: SqlStorage, last: number): void {
  const [anchor] = sql.exec<Row>('SELECT * FROM audit WHERE sequence = ?', last)
  if (anchor === undefined) return
  writeMark(sql, 'anchor', anchor)
  sql.exec('DELETE FROM audit WHERE sequence <= ?', last)
}

type MarkName = 'anchor' | 'head'

function readMark(sql: SqlStorage, name: MarkName): AuditMark {
  const query = 'SELECT sequence, hash FROM audit_marks WHERE name = ?'
  const [mark] = sql.exec<{ sequence: number; hash: string }>(query, name)
  return mark ?? GENESIS
}

function writeMark(sql: SqlStorage, name: MarkName, { sequence, hash }: AuditMark): void {
  sql.exec('INSERT OR REPLACE INTO audit_marks VALUES (?, ?, ?)', name, sequence, hash)
}
