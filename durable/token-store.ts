import type { Scope } from '../src/schema/token.ts'
import type { TokenRecord } from './token-methods.ts'

/** The tokens in SQLite: of each the digest, never the token. Synchronous, for transactions. */
export interface TokenStore {
  add(token: TokenRecord): void
  /** Oldest first. */
  list(): TokenRecord[]
  find(id: string): TokenRecord | undefined
  remove(id: string): void
  touch(id: string, atMs: number): void
}

/** Opens the table, and makes it where there is none yet. */
export function openTokenStore(sql: SqlStorage): TokenStore {
  sql.exec(`
    CREATE TABLE IF NOT EXISTS tokens (
      id TEXT PRIMARY KEY,
      digest TEXT NOT NULL,
      name TEXT NOT NULL,
      scopes TEXT NOT NULL,
      created_at_ms INTEGER NOT NULL,
      created_by TEXT NOT NULL,
      expires_at_ms INTEGER,
      last_used_at_ms INTEGER
    ) WITHOUT ROWID;
  `)
  return {
    add(token) {
      const { id, digest, name, createdAtMs, createdBy, expiresAtMs } = token
      const insert = 'INSERT INTO tokens VALUES (?, ?, ?, ?, ?, ?, ?, NULL)'
      const scopes = token.scopes.join(' ')
      sql.exec(insert, id, digest, name, scopes, createdAtMs, createdBy, expiresAtMs ?? null)
    },
    list: () => [...sql.exec<Row>('SELECT * FROM tokens ORDER BY created_at_ms, id')].map(toToken),
    find(id) {
      const [row] = sql.exec<Row>('SELECT * FROM tokens WHERE id = ?', id)
      return row && toToken(row)
    },
    remove: (id) => void sql.exec('DELETE FROM tokens WHERE id = ?', id),
    touch: (id, atMs) =>
      void sql.exec('UPDATE tokens SET last_used_at_ms = ? WHERE id = ?', atMs, id),
  }
}

/** A row of `tokens`; a type and no interface, since the platform wants an index signature. */
type Row = {
  readonly id: string
  readonly digest: string
  readonly name: string
  readonly scopes: string
  readonly created_at_ms: number
  readonly created_by: string
  readonly expires_at_ms: number | null
  readonly last_used_at_ms: number | null
}

function toToken({ id, digest, name, scopes, ...row }: Row): TokenRecord {
  return {
    id,
    digest,
    name,
    // Written by `add` from a list of scopes.
    scopes: scopes.split(' ') as Scope[],
    createdAtMs: row.created_at_ms,
    createdBy: row.created_by,
    ...(row.expires_at_ms !== null && { expiresAtMs: row.expires_at_ms }),
    ...(row.last_used_at_ms !== null && { lastUsedAtMs: row.last_used_at_ms }),
  }
}
