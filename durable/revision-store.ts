import type { Entry } from '../src/state/revision/revision.ts'
import type { RevisionRecord } from './control-methods.ts'

/** A row holds 2 MB at most (Durable Object limits): a document is kept in pieces of half that. */
const PIECE_BYTES = 1_048_576

/** A revision about to be written. */
export interface NewRevision {
  readonly revision: number
  readonly createdAtMs: number
  readonly restores: number | undefined
  readonly entry: Pick<Entry, 'digest' | 'author' | 'message' | 'text'>
}

/**
 * The revisions in SQLite. A document is kept once, under its digest, however many revisions repeat it.
 * All of it is synchronous, so that the caller can make it part of a transaction.
 */
export interface RevisionStore {
  add(revision: NewRevision): void
  prune(oldest: number): void
  /** Newest first. */
  list(range: { readonly limit: number; readonly before: number | undefined }): RevisionRecord[]
  find(revision: number): RevisionRecord | undefined
  /** The document of a revision as JSON, as authored. */
  read(revision: number): string | undefined
}

/** Opens the tables, and makes them where there are none yet. */
export function openRevisionStore(sql: SqlStorage): RevisionStore {
  sql.exec(`
    CREATE TABLE IF NOT EXISTS revisions (
      revision INTEGER PRIMARY KEY,
      author TEXT NOT NULL,
      message TEXT NOT NULL,
      created_at_ms INTEGER NOT NULL,
      bytes INTEGER NOT NULL,
      restores INTEGER,
      digest TEXT NOT NULL
    );
    CREATE TABLE IF NOT EXISTS documents (
      digest TEXT NOT NULL,
      piece INTEGER NOT NULL,
      content BLOB NOT NULL,
      PRIMARY KEY (digest, piece)
    ) WITHOUT ROWID;
  `)
  return {
    add: (revision) => add(sql, revision),
    prune(oldest) {
      sql.exec('DELETE FROM revisions WHERE revision < ?', oldest)
      sql.exec('DELETE FROM documents WHERE digest NOT IN (SELECT digest FROM revisions)')
    },
    list({ limit, before }) {
      const query = 'SELECT * FROM revisions WHERE revision < ? ORDER BY revision DESC LIMIT ?'
      return [...sql.exec<Row>(query, before ?? Number.MAX_SAFE_INTEGER, limit)].map(toRecord)
    },
    find(revision) {
      const [row] = sql.exec<Row>('SELECT * FROM revisions WHERE revision = ?', revision)
      return row && toRecord(row)
    },
    read: (revision) => read(sql, revision),
  }
}

function add(sql: SqlStorage, { revision, createdAtMs, restores, entry }: NewRevision): void {
  const bytes = new TextEncoder().encode(entry.text)
  const insert = 'INSERT INTO revisions VALUES (?, ?, ?, ?, ?, ?, ?)'
  const { author, message, digest } = entry
  const size = bytes.byteLength
  sql.exec(insert, revision, author, message, createdAtMs, size, restores ?? null, digest)
  for (let piece = 0; piece * PIECE_BYTES < bytes.byteLength; piece += 1) {
    const content = bytes.slice(piece * PIECE_BYTES, (piece + 1) * PIECE_BYTES)
    sql.exec(
      'INSERT OR IGNORE INTO documents VALUES (?, ?, ?)',
      entry.digest,
      piece,
      content.buffer,
    )
  }
}

function read(sql: SqlStorage, revision: number): string | undefined {
  const query = `SELECT content FROM documents
    WHERE digest = (SELECT digest FROM revisions WHERE revision = ?) ORDER BY piece`
  const decoder = new TextDecoder()
  const texts: string[] = []
  for (const { content } of sql.exec<{ content: ArrayBuffer }>(query, revision)) {
    texts.push(decoder.decode(content, { stream: true }))
  }
  return texts.length === 0 ? undefined : texts.join('') + decoder.decode()
}

/** A row of `revisions`; a type and no interface, since the platform wants an index signature. */
type Row = {
  readonly revision: number
  readonly author: string
  readonly message: string
  readonly created_at_ms: number
  readonly bytes: number
  readonly restores: number | null
}

function toRecord({ created_at_ms: createdAtMs, restores, ...row }: Row): RevisionRecord {
  const { revision, author, message, bytes } = row
  const repeated = restores === null ? {} : { restores }
  return { revision, author, message, createdAtMs, bytes, ...repeated }
}
