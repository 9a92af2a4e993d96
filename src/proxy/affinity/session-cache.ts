import type { Lifetime } from '../../state/session/session.ts'

/** What an isolate keeps of sessions: what it does not know, it asks the session objects once. */
export const CACHE_LIMITS = { sessions: 20_000, bytes: 16_777_216 } as const

/** A session as this isolate knows it. */
export interface CachedSession {
  /** In the cache: the route and what the client says. */
  readonly name: string
  /** In the objects: a digest of that. */
  readonly key: string
  readonly lifetime: Lifetime
  origin: string
  boundAtMs: number
  usedAtMs: number
  /** Whether it was ended by hand: its cookie is void. */
  isEnded: boolean
  /** Where it was before it moved, until the objects have heard. */
  from: string | undefined
  data: string | undefined
  dataAtMs: number
  /** What its origin wants kept (`null`: nothing any more), until the objects have heard. */
  unsaid: string | null | undefined
  /** When the objects last said that it is so; 0: never. */
  syncedAtMs: number
  isQueued: boolean
  /** The header for the origin, as it was signed last. */
  signed: { readonly data: string; readonly atMs: number; readonly text: string } | undefined
}

/** The sessions of an isolate, the one that was used longest ago first. */
export interface SessionCache {
  readonly sessions: Map<string, CachedSession>
  bytes: number
  /** Forgotten to make room. */
  evicted: number
}

/** Nothing known. */
export function createSessionCache(): SessionCache {
  return { sessions: new Map(), bytes: 0, evicted: 0 }
}

/** A session as somebody bound it just now; the objects have not heard. */
export function toCached(
  fields: Pick<CachedSession, 'name' | 'key' | 'lifetime' | 'origin' | 'boundAtMs' | 'usedAtMs'>,
): CachedSession {
  return {
    ...fields,
    isEnded: false,
    from: undefined,
    data: undefined,
    dataAtMs: 0,
    unsaid: undefined,
    syncedAtMs: 0,
    isQueued: false,
    signed: undefined,
  }
}

/** How long a session counts as the last used one: moving it at every request would cost more than it tells. */
const COARSE_MS = 1000

/** The session by a name, used now; undefined when it is not known, or over. */
export function findSession(
  cache: SessionCache,
  name: string,
  nowMs: number,
): CachedSession | undefined {
  const session = cache.sessions.get(name)
  if (session === undefined) return undefined
  const { boundAtMs, usedAtMs, lifetime } = session
  if (nowMs >= Math.min(boundAtMs + lifetime.ttlMs, usedAtMs + lifetime.idleMs)) {
    dropSession(cache, session)
    return undefined
  }
  if (nowMs - usedAtMs < COARSE_MS) return session
  session.usedAtMs = nowMs
  cache.sessions.delete(name)
  cache.sessions.set(name, session)
  return session
}

/** Keeps a session, and forgets as many others as it takes. */
export function keepSession(cache: SessionCache, session: CachedSession): void {
  const known = cache.sessions.get(session.name)
  if (known) dropSession(cache, known)
  cache.sessions.set(session.name, session)
  cache.bytes += bytesOf(session)
  makeRoom(cache)
}

/** Changes the data of a session, which is what its weight hangs on. */
export function setData(cache: SessionCache, session: CachedSession, data?: string): void {
  const isKept = cache.sessions.get(session.name) === session
  if (isKept) cache.bytes -= bytesOf(session)
  session.data = data
  session.signed = undefined
  if (!isKept) return
  cache.bytes += bytesOf(session)
  makeRoom(cache)
}

/** Forgets a session. */
export function dropSession(cache: SessionCache, session: CachedSession): void {
  if (!cache.sessions.delete(session.name)) return
  cache.bytes -= bytesOf(session)
}

function makeRoom(cache: SessionCache): void {
  while (cache.sessions.size > CACHE_LIMITS.sessions || cache.bytes > CACHE_LIMITS.bytes) {
    const [oldest] = cache.sessions.values()
    if (oldest === undefined) return
    dropSession(cache, oldest)
    cache.evicted += 1
  }
}

/** What an object of that many fields and its place in the map weigh, measured in V8: about half a kilobyte. */
const FIXED_BYTES = 512

/** Two bytes for each character at most; data is there once more in the header that was signed. */
function bytesOf({ name, data = '' }: CachedSession): number {
  return FIXED_BYTES + name.length * 2 + data.length * 4
}
