import type { SessionStanding, StoredSession } from '../src/state/session/session.ts'

/** The sessions of a shard in SQLite. All of it is synchronous, but for the first count by origin. */
export interface SessionTable {
  find(key: string): StoredSession | undefined
  /** Writes a session, and says how many others had to go because the shard is full. */
  put(key: string, session: StoredSession): number
  /** Removes what is over, at most so many rows, and says how many open sessions were among them. */
  sweep(nowMs: number, most: number): number
  /** When the first session ends. */
  nextExpiryMs(): number | undefined
  /** Open sessions by origin. Counted once for a process, in slices with time for calls in between, and kept since. */
  counts(): Promise<ReadonlyMap<string, number>>
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
  const census = openCensus(sql)
  let total: number | undefined
  const find = (key: string): StoredSession | undefined => {
    const [row] = sql.exec<Row>('SELECT * FROM sessions WHERE key = ?', key)
    return row && toSession(row)
  }
  const remove = (which: string): readonly Counted[] => {
    const query = `DELETE FROM sessions WHERE key IN (SELECT key FROM sessions ${which}) RETURNING key, standing, origin`
    const removed = [...sql.exec<Counted>(query)]
    for (const row of removed) census.change(row, -1)
    if (total !== undefined) total -= removed.length
    return removed
  }
  return {
    find,
    put(key, session) {
      total ??= countAll(sql)
      const before = find(key)
      if (before) census.change({ key, ...before }, -1)
      else total += 1
      census.change({ key, ...session }, 1)
      write(sql, key, session)
      if (total <= most) return 0
      return remove(`ORDER BY expires_at_ms LIMIT ${total - most}`).length
    },
    sweep(nowMs, batch) {
      const which = `WHERE expires_at_ms <= ${nowMs} ORDER BY expires_at_ms LIMIT ${batch}`
      return remove(which).filter(({ standing }) => standing === 'open').length
    },
    nextExpiryMs() {
      const query = 'SELECT expires_at_ms AS at FROM sessions ORDER BY expires_at_ms LIMIT 1'
      return [...sql.exec<{ at: number }>(query)][0]?.at
    },
    counts: () => census.take(),
  }
}

/** A row as far as it is counted. */
type Counted = Pick<Row, 'key' | 'standing' | 'origin'>

/** How many open sessions each origin has. */
interface Census {
  take(): Promise<ReadonlyMap<string, number>>
  /** One more or one less, where it has been counted. */
  change(session: Counted, by: 1 | -1): void
}

/** Rows that are counted in one go: some milliseconds. */
const SLICE = 10_000

function openCensus(sql: SqlStorage): Census {
  const origins = new Map<string, number>()
  /** Up to here all are counted; undefined at the end. */
  let counted: string | undefined = ''
  const add = (origin: string, sessions: number): void => {
    const sum = (origins.get(origin) ?? 0) + sessions
    if (sum > 0) origins.set(origin, sum)
    else origins.delete(origin)
  }
  const countSlice = (from: string): string | undefined => {
    const slice = `SELECT * FROM sessions WHERE key > ? ORDER BY key LIMIT ${SLICE}`
    const query = `SELECT standing, origin, COUNT(*) AS sessions, MAX(key) AS last FROM (${slice}) GROUP BY 1, 2`
    let last = ''
    let rows = 0
    for (const group of sql.exec<SliceRow>(query, from)) {
      if (group.standing === 'open') add(group.origin, group.sessions)
      rows += group.sessions
      if (group.last > last) last = group.last
    }
    return rows < SLICE ? undefined : last
  }
  return {
    async take() {
      while (counted !== undefined) {
        counted = countSlice(counted)
        // Whoever else waits for the object has a turn.
        await scheduler.wait(0)
      }
      return origins
    },
    change({ key, standing, origin }, by) {
      const isCounted = counted === undefined || key <= counted
      if (isCounted && standing === 'open') add(origin, by)
    },
  }
}

function countAll(sql: SqlStorage): number {
  return sql.exec<{ sessions: number }>('SELECT COUNT(*) AS sessions FROM sessions').one().sessions
}

function write(sql: SqlStorage, key: string, session: StoredSession): void {
  const { standing, origin, boundAtMs, usedAtMs, expiresAtMs, data, dataAtMs } = session
  const times = [boundAtMs, usedAtMs, expiresAtMs] as const
  const insert = 'INSERT OR REPLACE INTO sessions VALUES (?, ?, ?, ?, ?, ?, ?, ?)'
  sql.exec(insert, key, standing, origin, ...times, data ?? null, dataAtMs)
}

/** A row of `sessions`; a type and no interface, since the platform wants an index signature. */
type Row = {
  readonly key: string
  readonly standing: SessionStanding
  readonly origin: string
  readonly bound_at_ms: number
  readonly used_at_ms: number
  readonly expires_at_ms: number
  readonly data: string | null
  readonly data_at_ms: number
}

type SliceRow = Omit<Counted, 'key'> & { readonly sessions: number; readonly last: string }

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
