import { toBase64url } from '../src/core/kernel/base64url.ts'
import type { FreshKey, Keyring, KeptKey } from '../src/state/keyring.ts'

/** The keys of affinity in SQLite, secrets included: nothing but a snapshot takes them out of here. Synchronous. */
export interface KeyringStore {
  /** In the order in which they were made. */
  list(): Keyring
  replace(ring: Keyring): void
}

/** Opens the table, and makes it where there is none yet. */
export function openKeyringStore(sql: SqlStorage): KeyringStore {
  sql.exec(`
    CREATE TABLE IF NOT EXISTS keyring (
      place INTEGER PRIMARY KEY,
      id TEXT NOT NULL,
      secret TEXT NOT NULL,
      created_at_ms INTEGER NOT NULL,
      signs_from_ms INTEGER NOT NULL
    );
  `)
  return {
    list: () => [...sql.exec<Row>('SELECT * FROM keyring ORDER BY place')].map(toKey),
    replace(ring) {
      sql.exec('DELETE FROM keyring')
      for (const [place, { id, secret, createdAtMs, signsFromMs }] of ring.entries()) {
        const insert = 'INSERT INTO keyring VALUES (?, ?, ?, ?, ?)'
        sql.exec(insert, place, id, secret, createdAtMs, signsFromMs)
      }
    },
  }
}

/** A row of `keyring`; a type and no interface, since the platform wants an index signature. */
type Row = {
  readonly id: string
  readonly secret: string
  readonly created_at_ms: number
  readonly signs_from_ms: number
}

function toKey({ id, secret, ...row }: Row): KeptKey {
  return { id, secret, createdAtMs: row.created_at_ms, signsFromMs: row.signs_from_ms }
}

/** RFC 4648 §6, in lower case: 32 letters, so that five bits of a random byte are one without bias. */
const LETTERS = 'abcdefghijklmnopqrstuvwxyz234567'

/** 40 bits that name a key: of the few that there are at a time no two are called the same. */
const ID_LENGTH = 8

/** As many as the hash gives out (RFC 2104 §3). */
const SECRET_BYTES = 32

/** Draws a key that was never seen before. */
export function drawKey(): FreshKey {
  const id = Array.from(
    crypto.getRandomValues(new Uint8Array(ID_LENGTH)),
    (byte) => LETTERS[byte % LETTERS.length],
  ).join('')
  return { id, secret: toBase64url(crypto.getRandomValues(new Uint8Array(SECRET_BYTES))) }
}
