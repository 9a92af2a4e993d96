/** How long a session lasts, as its route says. */
export interface Lifetime {
  /** From when the client was bound. */
  readonly ttlMs: number
  /** Since its last request. */
  readonly idleMs: number
}

/**
 * `open`: in use. `handed`: another shard has it now; it stands here for a moment, for those who have not heard.
 * `ended`: by hand; it stands here so that a cookie from before its end brings it to no new life.
 */
export type SessionStanding = 'open' | 'handed' | 'ended'

/** A session as a shard keeps it. */
export interface StoredSession {
  readonly standing: SessionStanding
  readonly origin: string
  /** Since when it belongs to its origin; of an ended one, when it ended. */
  readonly boundAtMs: number
  /** Its last request, as far as it was written down. */
  readonly usedAtMs: number
  readonly expiresAtMs: number
  readonly data: string | undefined
  /** When the data was set or removed; rises with every change. 0: never. */
  readonly dataAtMs: number
}

/** Where somebody wants a client to belong, unless another was first. */
export interface Proposal {
  readonly origin: string
  /** Since when, where it is known already. Default: now. */
  readonly boundAtMs?: number | undefined
  /** Its last request. Default: now. */
  readonly usedAtMs?: number | undefined
  /** Moves the client away from this origin, unless it is elsewhere by now. */
  readonly from?: string | undefined
  /** Whether the client itself says so, by its cookie: of two bonds the later one holds. */
  readonly isHeld?: boolean | undefined
  readonly lifetime: Lifetime
}

/** What is to be set by hand, or by the origin. */
export interface SessionChange {
  /** Moves the client, wherever it is. */
  readonly origin?: string | undefined
  /** `null` removes it. */
  readonly data?: string | null | undefined
  /** Where the client belongs if nobody knows. */
  readonly held?: { readonly origin: string; readonly boundAtMs: number } | undefined
  readonly lifetime: Lifetime
}

/** Isolates tell of a use after a quarter of the idle time, or after half a minute, and the way takes its time. */
const LATE = { share: 1 / 4, mostMs: 30_000, wayMs: 2000 } as const

/** A use that moves the end by less than this share of the idle time is not worth a write. */
const UNWRITTEN_SHARE = 1 / 8

/** The session, if it is still there. */
export function liveOf(
  stored: StoredSession | undefined,
  nowMs: number,
): StoredSession | undefined {
  return stored !== undefined && stored.expiresAtMs > nowMs ? stored : undefined
}

/**
 * Opens a session, uses it or moves it: the first who binds a client wins, and so does the first who moves it away
 * from where it was. Every other learns by the answer. The same value as before where nothing is to be written.
 */
export function openSession(
  stored: StoredSession | undefined,
  proposal: Proposal,
  nowMs: number,
): StoredSession {
  const known = liveOf(stored, nowMs)
  const { origin, from, lifetime, isHeld, boundAtMs = nowMs } = proposal
  const usedAtMs = Math.min(proposal.usedAtMs ?? nowMs, nowMs)
  if (known === undefined) return begin({ origin, boundAtMs, usedAtMs }, lifetime)
  if (known.standing === 'handed') return known
  if (known.standing === 'ended') {
    const isFromBefore = boundAtMs < known.boundAtMs
    return isFromBefore ? known : begin({ origin, boundAtMs, usedAtMs }, lifetime)
  }
  if (origin === known.origin) return use(known, usedAtMs, lifetime)
  if (isHeld && boundAtMs >= known.boundAtMs) return move(known, { origin, boundAtMs }, lifetime)
  const sinceMs = laterThan(known, boundAtMs)
  if (from === known.origin) return move(known, { origin, boundAtMs: sinceMs }, lifetime)
  return use(known, usedAtMs, lifetime)
}

/** Changes what a session says; undefined when there is none and nobody says where it would belong. */
export function changeSession(
  stored: StoredSession | undefined,
  change: SessionChange,
  nowMs: number,
): StoredSession | undefined {
  const { origin = change.held?.origin, lifetime } = change
  const known = liveOf(stored, nowMs)
  const heldSinceMs = change.origin === undefined ? change.held?.boundAtMs : undefined
  const boundAtMs = heldSinceMs ?? nowMs
  if (known === undefined || known.standing === 'ended') {
    if (origin === undefined) return undefined
    if (known !== undefined && boundAtMs < known.boundAtMs) return known
    const session = begin({ origin, boundAtMs, usedAtMs: nowMs }, lifetime)
    return withData(session, change.data, nowMs)
  }
  const placed =
    change.origin !== undefined && change.origin !== known.origin
      ? move(known, { origin: change.origin, boundAtMs: laterThan(known, nowMs) }, lifetime)
      : known
  return withData(placed, change.data, nowMs)
}

/** Ends a session by hand: neither it nor a cookie that was bound before is good for anything from now on. */
export function endSession(
  stored: StoredSession | undefined,
  { ttlMs }: Lifetime,
  nowMs: number,
): StoredSession | undefined {
  const known = liveOf(stored, nowMs)
  if (known === undefined || known.standing === 'ended') return undefined
  const boundAtMs = laterThan(known, nowMs)
  // No bond from before outlives its ttl.
  const expiresAtMs = boundAtMs + ttlMs
  const ended = { standing: 'ended', boundAtMs, usedAtMs: nowMs, expiresAtMs } as const
  return { ...ended, origin: known.origin, data: undefined, dataAtMs: 0 }
}

type Bound = Pick<StoredSession, 'origin' | 'boundAtMs' | 'usedAtMs'>

function begin(bound: Bound, lifetime: Lifetime): StoredSession {
  const expiresAtMs = expiryOf(bound, lifetime)
  return { standing: 'open', ...bound, expiresAtMs, data: undefined, dataAtMs: 0 }
}

/** Of two bonds the later one holds, whatever the clocks of isolates say. */
function laterThan({ boundAtMs }: StoredSession, atMs: number): number {
  return Math.max(atMs, boundAtMs + 1)
}

/** Bound anew, with all that was kept: its lifetime begins again. */
function move(
  known: StoredSession,
  { origin, boundAtMs }: Pick<Bound, 'origin' | 'boundAtMs'>,
  lifetime: Lifetime,
): StoredSession {
  const bound = { origin, boundAtMs, usedAtMs: Math.max(boundAtMs, known.usedAtMs) }
  const isHanded = known.standing === 'handed'
  const expiresAtMs = isHanded ? known.expiresAtMs : expiryOf(bound, lifetime)
  return { ...known, ...bound, expiresAtMs }
}

function use(known: StoredSession, atMs: number, lifetime: Lifetime): StoredSession {
  const usedAtMs = Math.max(known.usedAtMs, atMs)
  const expiresAtMs = expiryOf({ ...known, usedAtMs }, lifetime)
  const movesMs = Math.abs(expiresAtMs - known.expiresAtMs)
  // What it has been given for uses that are not written ends with its ttl: there the last of them counts.
  const isLast = movesMs > 0 && expiresAtMs === known.boundAtMs + lifetime.ttlMs
  const isWorthWriting = isLast || movesMs >= lifetime.idleMs * UNWRITTEN_SHARE
  return isWorthWriting ? { ...known, usedAtMs, expiresAtMs } : known
}

function withData(
  session: StoredSession,
  data: string | null | undefined,
  nowMs: number,
): StoredSession {
  if (data === undefined) return session
  // Later than the one before, whatever the clock does: isolates tell by it who has the newer.
  return { ...session, data: data ?? undefined, dataAtMs: Math.max(nowMs, session.dataAtMs + 1) }
}

/** Never sooner than the idle time says, and later by what may not have been told or written yet. */
function expiryOf({ boundAtMs, usedAtMs }: Bound, { ttlMs, idleMs }: Lifetime): number {
  const lateMs = Math.min(idleMs * LATE.share, LATE.mostMs) + LATE.wayMs
  const idleUntilMs = usedAtMs + idleMs + idleMs * UNWRITTEN_SHARE + lateMs
  return Math.min(boundAtMs + ttlMs, Math.ceil(idleUntilMs))
}
