import type { SessionStanding, StoredSession } from '../src/state/session/session.ts'

/** The sessions of a shard in SQLite. All of it is synchronous. */
export interface SessionTable {
  find(key: string): StoredSession | undefined
  /** Writes a session, and says how many others had to go because the shard is full. */
  put(key: string, session: StoredSession): number
  /** Removes sessions that are over, at most so many, and says how many. */
  sweep(nowMs: number, most: number): number
  /** When the first session ends. */
  nextExpiryMs(): number | undefined
  /** Open sessions by origin. */
  counts(): ReadonlyMap<string, number>
}

/** Opens the table, and makes it where there is none yet. `most`: how many sessions it holds. */
export function openSessionTable(sql: SqlStorage, most: number): SessionTable {
  sql.exec(`
    CREATE TABLE IF NOT EXISTS sessions (
      key TEXT PRIMARY KEY,
      standing TEXT NOT NULL,
      origin TEXT NOT NULL,
      bound_at_ms INTEGER NOT NULL,
      used_at_ms INTEGER NOT NULL,
      expires_at_ms INTEGER NOT NULL,
      data TEXT,
      data_at_ms INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS sessions_by_expiry ON sessions (expires_at_ms);
  `)
  const census = takeCensus(sql)
  const find = (key: string): StoredSession | undefined => {
    const [row] = sql.exec<Row>('SELECT * FROM sessions WHERE key = ?', key)
    return row && toSession(row)
  }
  return {
    find,
    put(key, session) {
      const before = find(key)
      if (before) census.count(before, -1)
      census.count(session, 1)
      write(sql, key, session)
      const excess = census.total() - most
      return excess > 0 ? remove(sql, census, `ORDER BY expires_at_ms LIMIT ${excess}`) : 0
    },
    sweep: (nowMs, batch) =>
      remove(sql, census, `WHERE expires_at_ms <= ${nowMs} ORDER BY expires_at_ms LIMIT ${batch}`),
    nextExpiryMs() {
      const [row] = sql.exec<{ at: number }>(
        'SELECT expires_at_ms AS at FROM sessions ORDER BY expires_at_ms LIMIT 1',
      )
      return row?.at
    },
    counts: () => census.open(),
  }
}

/** How many there are, counted once for a process: a million rows take a quarter of a second. */
interface Census {
  count(session: Pick<StoredSession, 'standing' | 'origin'>, by: 1 | -1): void
  total(): number
  open(): ReadonlyMap<string, number>
}

function takeCensus(sql: SqlStorage): Census {
  let all = 0
  let byOrigin: Map<string, number> | undefined
  const take = (): Map<string, number> => {
    if (byOrigin) return byOrigin
    byOrigin = new Map()
    all = 0
    const query = 'SELECT standing, origin, COUNT(*) AS sessions FROM sessions GROUP BY 1, 2'
    for (const { standing, origin, sessions } of sql.exec<CensusRow>(query)) {
      all += sessions
      if (standing === 'open') byOrigin.set(origin, (byOrigin.get(origin) ?? 0) + sessions)
    }
    return byOrigin
  }
  return {
    count({ standing, origin }, by) {
      const origins = take()
      all += by
      if (standing !== 'open') return
      const sessions = (origins.get(origin) ?? 0) + by
      if (sessions > 0) origins.set(origin, sessions)
      else origins.delete(origin)
    },
    total: () => (take(), all),
    open: take,
  }
}

function write(sql: SqlStorage, key: string, session: StoredSession): void {
  const { standing, origin, boundAtMs, usedAtMs, expiresAtMs, data, dataAtMs } = session
  const times = [boundAtMs, usedAtMs, expiresAtMs] as const
  const insert = 'INSERT OR REPLACE INTO sessions VALUES (?, ?, ?, ?, ?, ?, ?, ?)'
  sql.exec(insert, key, standing, origin, ...times, data ?? null, dataAtMs)
}

function remove(sql: SqlStorage, census: Census, which: string): number {
  // Before anything goes: a census that is taken later would miss it.
  census.total()
  const query = `DELETE FROM sessions WHERE key IN (SELECT key FROM sessions ${which}) RETURNING standing, origin`
  let removed = 0
  for (const row of sql.exec<Pick<Row, 'standing' | 'origin'>>(query)) {
    census.count(row, -1)
    removed += 1
  }
  return removed
}

/** A row of `sessions`; a type and no interface, since the platform wants an index signature. */
type Row = {
  readonly standing: SessionStanding
  readonly origin: string
  readonly bound_at_ms: number
  readonly used_at_ms: number
  readonly expires_at_ms: number
  readonly data: string | null
  readonly data_at_ms: number
}

type CensusRow = Pick<Row, 'standing' | 'origin'> & { readonly sessions: number }

function toSession({ standing, origin, data, ...row }: Row): StoredSession {
  return {
    standing,
    origin,
    boundAtMs: row.bound_at_ms,
    usedAtMs: row.used_at_ms,
    expiresAtMs: row.expires_at_ms,
    data: data ?? undefined,
    dataAtMs: row.data_at_ms,
  }
}
