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
  /** Whether the client carries its bond itself, in a cookie. */
  readonly isHeld: boolean
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

/** Sessions that were used at about the same time. */
interface Generation {
  readonly sessions: Map<string, CachedSession>
  bytes: number
}

/**
 * The sessions of an isolate: those that were used of late, and those that were used before. When the young are half of
 * all that may be, they are the old ones, and whoever was old and not used since is forgotten. Two maps, since to find
 * out who was used longest ago in one takes V8 the longer the more have gone.
 */
export interface SessionCache {
  young: Generation
  old: Generation
  /** Forgotten to make room. */
  evicted: number
}

/** Nothing known. */
export function createSessionCache(): SessionCache {
  return { young: createGeneration(), old: createGeneration(), evicted: 0 }
}

function createGeneration(): Generation {
  return { sessions: new Map(), bytes: 0 }
}

/** How many sessions there are, and about what they weigh. */
export function sizeOf({ young, old }: SessionCache): { sessions: number; bytes: number } {
  return {
    sessions: young.sessions.size + old.sessions.size,
    bytes: young.bytes + old.bytes,
  }
}

/** A session as somebody bound it just now; the objects have not heard. */
export function toCached(
  fields: Pick<
    CachedSession,
    'name' | 'key' | 'lifetime' | 'isHeld' | 'origin' | 'boundAtMs' | 'usedAtMs'
  >,
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

/** The session by a name, used now; undefined when it is not known, or over. */
export function findSession(
  cache: SessionCache,
  name: string,
  nowMs: number,
): CachedSession | undefined {
  const { young, old } = cache
  const session = young.sessions.get(name) ?? old.sessions.get(name)
  if (session === undefined) return undefined
  const { boundAtMs, usedAtMs, lifetime } = session
  if (nowMs >= Math.min(boundAtMs + lifetime.ttlMs, usedAtMs + lifetime.idleMs)) {
    dropSession(cache, session)
    return undefined
  }
  session.usedAtMs = nowMs
  if (young.sessions.has(name)) return session
  take(old, session)
  put(cache, session)
  return session
}

/** Keeps a session, and forgets as many others as it takes. */
export function keepSession(cache: SessionCache, session: CachedSession): void {
  const known = cache.young.sessions.get(session.name) ?? cache.old.sessions.get(session.name)
  if (known) dropSession(cache, known)
  put(cache, session)
}

/** Whether a session is still kept. */
export function isKept({ young, old }: SessionCache, session: CachedSession): boolean {
  return holds(young, session) || holds(old, session)
}

/** Changes the data of a session, which is what its weight hangs on. */
export function setData(cache: SessionCache, session: CachedSession, data?: string): void {
  const home = [cache.young, cache.old].find((generation) => holds(generation, session))
  if (home) take(home, session)
  session.data = data
  session.signed = undefined
  if (home) put(cache, session)
}

/** Forgets a session. */
export function dropSession({ young, old }: SessionCache, session: CachedSession): void {
  if (holds(young, session)) take(young, session)
  else if (holds(old, session)) take(old, session)
}

function holds({ sessions }: Generation, session: CachedSession): boolean {
  return sessions.get(session.name) === session
}

function put(cache: SessionCache, session: CachedSession): void {
  const bytes = bytesOf(session)
  const isFull =
    cache.young.sessions.size >= CACHE_LIMITS.sessions / 2 ||
    cache.young.bytes + bytes > CACHE_LIMITS.bytes / 2
  if (isFull) turn(cache)
  cache.young.sessions.set(session.name, session)
  cache.young.bytes += bytes
}

function turn(cache: SessionCache): void {
  cache.evicted += cache.old.sessions.size
  cache.old = cache.young
  cache.young = createGeneration()
}

function take(generation: Generation, session: CachedSession): void {
  generation.sessions.delete(session.name)
  generation.bytes -= bytesOf(session)
}

/** What an object of that many fields and its place in the map weigh, measured in V8: about half a kilobyte. */
const FIXED_BYTES = 512

/** Two bytes for each character at most; data is there once more in the header that was signed. */
function bytesOf({ name, data = '' }: CachedSession): number {
  return FIXED_BYTES + name.length * 2 + data.length * 4
}
