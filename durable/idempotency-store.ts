import { IDEMPOTENCY_LIMITS, type KeptAnswer } from './idempotency-methods.ts'

/** A call with a key, and its answer once it has one. */
export interface KeptCall {
  readonly fingerprint: string
  readonly begunAtMs: number
  readonly answer: KeptAnswer | undefined
}

/** Calls with a key in SQLite, synchronous. `id`: of caller and key. */
export interface IdempotencyStore {
  find(id: string, nowMs: number): KeptCall | undefined
  begin(id: string, fingerprint: string, nowMs: number): void
  end(id: string, answer: KeptAnswer): void
  forget(id: string): void
}

/** Opens the table, and makes it where there is none yet. `most`: calls kept; beyond, the oldest goes. */
export function openIdempotencyStore(
  sql: SqlStorage,
  most: number = IDEMPOTENCY_LIMITS.calls,
): IdempotencyStore {
  sql.exec(`
    CREATE TABLE IF NOT EXISTS calls (
      id TEXT PRIMARY KEY,
      fingerprint TEXT NOT NULL,
      begun_at_ms INTEGER NOT NULL,
      answer TEXT
    ) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS calls_by_age ON calls (begun_at_ms);
  `)
  return {
    find(id, nowMs) {
      const query = 'SELECT * FROM calls WHERE id = ? AND begun_at_ms > ?'
      const [row] = sql.exec<Row>(query, id, nowMs - IDEMPOTENCY_LIMITS.keptMs)
      return row && toCall(row)
    },
    begin(id, fingerprint, nowMs) {
      sql.exec('INSERT OR REPLACE INTO calls VALUES (?, ?, ?, NULL)', id, fingerprint, nowMs)
      sql.exec('DELETE FROM calls WHERE begun_at_ms <= ?', nowMs - IDEMPOTENCY_LIMITS.keptMs)
      const oldest = 'SELECT id FROM calls ORDER BY begun_at_ms DESC LIMIT -1 OFFSET ?'
      sql.exec(`DELETE FROM calls WHERE id IN (${oldest})`, most)
    },
    end: (id, answer) =>
      void sql.exec('UPDATE calls SET answer = ? WHERE id = ?', JSON.stringify(answer), id),
    forget: (id) => void sql.exec('DELETE FROM calls WHERE id = ?', id),
  }
}

/** A row of `calls`; a type and no interface, since the platform wants an index signature. */
type Row = {
  readonly id: string
  readonly fingerprint: string
  readonly begun_at_ms: number
  readonly answer: string | null
}

function toCall({ fingerprint, begun_at_ms: begunAtMs, answer }: Row): KeptCall {
  // Written by `end` from an answer.
  const kept = answer === null ? undefined : (JSON.parse(answer) as KeptAnswer)
  return { fingerprint, begunAtMs, answer: kept }
}
