import type { SessionAnswer, SessionCorrection } from '../../../durable/session-methods.ts'
import { type CachedSession, isKept, type SessionCache, setData } from './session-cache.ts'

/** When an isolate tells the session objects what it saw. */
export const TOUCH = {
  /** A session that is used is told of after this share of its idle time, and after so long at the latest. */
  share: 1 / 8,
  mostMs: 20_000,
  /** How long it then waits for others to go with it; what is new waits no longer than a round. */
  patienceMs: 10_000,
  roundMs: 1000,
  /** A later request may take over then; whoever was not relieved says all that there is, and ends. */
  handOverMs: 14_000,
  endMs: 20_000,
  batch: 1000,
  /** Calls at a time. */
  atOnce: 4,
  /** After a call that nobody answered. */
  pauseMs: 5000,
} as const

/** Sessions of which something is to be told, by the shard that hears it. */
interface Batch {
  readonly sessions: Set<CachedSession>
  dueAtMs: number
}

/** What an isolate has to tell of its sessions. */
export interface Touches {
  readonly batches: Map<number, Batch>
  /** Since when someone sees to it that it is told; 0 when nobody does. */
  armedAtMs: number
  sent: number
  unanswered: number
}

/** Nothing to tell. */
export function createTouches(): Touches {
  return { batches: new Map(), armedAtMs: 0, sent: 0, unanswered: 0 }
}

/** What one session was when it was told. */
export type Told = Pick<CachedSession, 'origin' | 'boundAtMs' | 'data' | 'unsaid'>

/** Hands sessions to a shard: what it knows otherwise, or undefined when it did not answer. */
export type PostTouches = (
  shard: number,
  sessions: readonly CachedSession[],
) => Promise<readonly SessionCorrection[] | undefined>

/** Whether a session was used for so long that the objects should hear of it. */
export function isTouchDue({ syncedAtMs, isQueued, lifetime }: CachedSession, nowMs: number) {
  const waitMs = Math.min(lifetime.idleMs * TOUCH.share, TOUCH.mostMs)
  return !isQueued && Math.abs(nowMs - syncedAtMs) >= waitMs
}

/** Puts a session among those that are told of next. */
export function queueTouch(
  touches: Touches,
  session: CachedSession,
  at: { readonly shard: number; readonly nowMs: number },
): void {
  const { idleMs } = session.lifetime
  // What the objects have never heard of, or is another now, does not wait.
  const isNews = session.syncedAtMs === 0 || session.from !== undefined
  const patienceMs = isNews ? 0 : Math.min(idleMs * TOUCH.share, TOUCH.patienceMs)
  const dueAtMs = at.nowMs + patienceMs
  const batch = touches.batches.get(at.shard)
  session.isQueued = true
  if (batch === undefined) {
    touches.batches.set(at.shard, { sessions: new Set([session]), dueAtMs })
  } else {
    batch.sessions.add(session)
    batch.dueAtMs = Math.min(batch.dueAtMs, dueAtMs)
  }
}

/** Whether some request has to see to it, after its answer, that all this is told. */
export function areTouchesDue({ batches, armedAtMs }: Touches, nowMs: number): boolean {
  // Whoever was at it may have been stopped in the middle. A distance, not an order: the clock may jump back.
  return batches.size > 0 && Math.abs(nowMs - armedAtMs) >= TOUCH.handOverMs
}

/** What the touches of an isolate are about. */
export interface TouchCase {
  readonly touches: Touches
  readonly cache: SessionCache
  readonly post: PostTouches
  /** Counts what was otherwise than this isolate believed. */
  onCorrection(this: void): void
}

/** Tells what there is to tell, round by round, until there is nothing left. Never rejects. */
export async function tellTouches(about: TouchCase): Promise<void> {
  const { touches } = about
  const beganAtMs = Date.now()
  touches.armedAtMs = beganAtMs
  for (;;) {
    // Round by round is the point of it.
    await scheduler.wait(TOUCH.roundMs)
    const isRelieved = touches.armedAtMs !== beganAtMs && touches.armedAtMs !== 0
    if (isRelieved) return
    const nowMs = Date.now()
    const isLast = Math.abs(nowMs - beganAtMs) >= TOUCH.endMs
    await tellDue(about, isLast ? Infinity : nowMs)
    if (!isLast && touches.batches.size > 0) continue
    if (touches.armedAtMs === beganAtMs) touches.armedAtMs = 0
    return
  }
}

async function tellDue(about: TouchCase, untilMs: number): Promise<void> {
  const queue: { shard: number; sessions: readonly CachedSession[] }[] = []
  for (const [shard, { sessions, dueAtMs }] of about.touches.batches) {
    if (dueAtMs > untilMs) continue
    about.touches.batches.delete(shard)
    const all = [...sessions]
    for (let first = 0; first < all.length; first += TOUCH.batch) {
      queue.push({ shard, sessions: all.slice(first, first + TOUCH.batch) })
    }
  }
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) await tellOf(about, next)
  }
  await Promise.all(Array.from({ length: TOUCH.atOnce }, work))
}

/** Tells a shard of some sessions now, and takes over what it knows better. Never rejects. */
export async function tellOf(
  { touches, cache, post, onCorrection }: TouchCase,
  { shard, sessions }: { readonly shard: number; readonly sessions: readonly CachedSession[] },
): Promise<void> {
  const told = new Map(sessions.map((session) => [session.key, { session, was: { ...session } }]))
  for (const session of sessions) session.isQueued = false
  const corrections = await post(shard, sessions)
  const nowMs = Date.now()
  if (corrections === undefined) {
    touches.unanswered += 1
    // Those that were forgotten meanwhile would be held for ever while the shard is away.
    const kept = sessions.filter((each) => isKept(cache, each))
    postpone(touches, kept, { shard, nowMs })
    return
  }
  touches.sent += 1
  for (const { session, was } of told.values()) settle(session, was, nowMs)
  for (const correction of corrections) {
    const known = told.get(correction.key)
    if (known === undefined) continue
    // That its own data is stored now, and since when, is no error of this isolate.
    const { origin, data } = known.was
    if (correction.gone || correction.origin !== origin || correction.data !== data) onCorrection()
    correct(cache, known.session, { correction, was: known.was })
  }
}

function postpone(
  touches: Touches,
  sessions: readonly CachedSession[],
  at: { readonly shard: number; readonly nowMs: number },
): void {
  for (const session of sessions) queueTouch(touches, session, at)
  const batch = touches.batches.get(at.shard)
  if (batch) batch.dueAtMs = Math.max(batch.dueAtMs, at.nowMs + TOUCH.pauseMs)
}

function settle(session: CachedSession, was: Told, nowMs: number): void {
  session.syncedAtMs = nowMs
  if (session.origin === was.origin) session.from = undefined
  if (session.unsaid === was.unsaid) session.unsaid = undefined
}

/** Takes over what a shard knows, unless this isolate has moved the client since it asked. */
export function correct(
  cache: SessionCache,
  session: CachedSession,
  { correction, was }: { readonly correction: SessionAnswer; readonly was: Told },
): void {
  const hasMoved = session.origin !== was.origin || session.boundAtMs !== was.boundAtMs
  if (hasMoved) return
  if (correction.gone) {
    session.isEnded = true
    return
  }
  session.origin = correction.origin
  session.boundAtMs = correction.boundAtMs
  session.dataAtMs = correction.dataAtMs
  // What the origin said meanwhile is newer than what the shard had.
  if (session.unsaid === undefined) setData(cache, session, correction.data)
}
