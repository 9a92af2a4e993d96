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

/** What an isolate has to tell of its sessions. */
export interface Touches {
  readonly waiting: Set<CachedSession>
  /** When the first of them shall be told. */
  dueAtMs: number
  /** Since when someone sees to it that it is told; 0 when nobody does. */
  armedAtMs: number
  sent: number
  unanswered: number
}

/** Nothing to tell. */
export function createTouches(): Touches {
  return { waiting: new Set(), dueAtMs: Infinity, armedAtMs: 0, sent: 0, unanswered: 0 }
}

/** Whether a session was used for so long that the objects should hear of it. */
export function isTouchDue({ syncedAtMs, isQueued, lifetime }: CachedSession, nowMs: number) {
  const waitMs = Math.min(lifetime.idleMs * TOUCH.share, TOUCH.mostMs)
  return !isQueued && Math.abs(nowMs - syncedAtMs) >= waitMs
}

/** Puts a session among those that are told of next. */
export function queueTouch(touches: Touches, session: CachedSession, nowMs: number): void {
  // What the objects have never heard of, or is another now, does not wait.
  const isNews = session.syncedAtMs === 0 || session.from !== undefined
  const patienceMs = isNews ? 0 : Math.min(session.lifetime.idleMs * TOUCH.share, TOUCH.patienceMs)
  session.isQueued = true
  touches.waiting.add(session)
  touches.dueAtMs = Math.min(touches.dueAtMs, nowMs + patienceMs)
}

/** Whether some request has to see to it, after its answer, that all this is told. */
export function areTouchesDue({ waiting, armedAtMs }: Touches, nowMs: number): boolean {
  // Whoever was at it may have been stopped in the middle. A distance, not an order: the clock may jump back.
  return waiting.size > 0 && Math.abs(nowMs - armedAtMs) >= TOUCH.handOverMs
}

/** A session and where it stands by the number of shards of now. */
export interface Placed {
  readonly session: CachedSession
  readonly shard: number
  readonly former: readonly number[]
}

/** What one session was when it was told. */
export type Told = Pick<CachedSession, 'origin' | 'boundAtMs' | 'data' | 'unsaid'>

/** What the touches of an isolate are about. */
export interface TouchCase {
  readonly touches: Touches
  readonly cache: SessionCache
  place(this: void, session: CachedSession): Placed
  /** Whether a shard has just not answered: it is left in peace for a while. */
  isAway(this: void, shard: number): boolean
  /** Hands sessions to a shard: what it knows otherwise, or undefined when it did not answer. */
  post(
    this: void,
    shard: number,
    sessions: readonly Placed[],
  ): Promise<readonly SessionCorrection[] | undefined>
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
    if (isLast || touches.dueAtMs <= nowMs) await tellAll(about)
    if (!isLast && touches.waiting.size > 0) continue
    if (touches.armedAtMs === beganAtMs) touches.armedAtMs = 0
    return
  }
}

async function tellAll(about: TouchCase): Promise<void> {
  const queue = takeBatches(about)
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) await tellOf(about, next)
  }
  await Promise.all(Array.from({ length: TOUCH.atOnce }, work))
}

function takeBatches({ touches, cache, place, isAway }: TouchCase): (readonly Placed[])[] {
  const shards = new Map<number, Placed[]>()
  const left: CachedSession[] = []
  for (const session of touches.waiting) {
    const placed = place(session)
    const batch = shards.get(placed.shard)
    // What was forgotten meanwhile would be held as long as the shard is away.
    if (isAway(placed.shard)) left.push(...(isKept(cache, session) ? [session] : []))
    else if (batch) batch.push(placed)
    else shards.set(placed.shard, [placed])
  }
  touches.waiting.clear()
  touches.dueAtMs = left.length > 0 ? Date.now() + TOUCH.roundMs : Infinity
  for (const session of left) touches.waiting.add(session)
  return [...shards.values()].flatMap((batch) =>
    Array.from({ length: Math.ceil(batch.length / TOUCH.batch) }, (_, at) =>
      batch.slice(at * TOUCH.batch, (at + 1) * TOUCH.batch),
    ),
  )
}

/** Tells a shard of some of its sessions now, and takes over what it knows better. Never rejects. */
export async function tellOf(about: TouchCase, batch: readonly Placed[]): Promise<void> {
  const [first] = batch
  if (first === undefined) return
  const { touches, cache, post, onCorrection } = about
  const told = new Map(
    batch.map(({ session }) => [session.key, { session, was: { ...session } }] as const),
  )
  for (const { session } of batch) session.isQueued = false
  const corrections = await post(first.shard, batch)
  const nowMs = Date.now()
  if (corrections === undefined) {
    touches.unanswered += 1
    const kept = batch.filter(({ session }) => isKept(cache, session))
    for (const { session } of kept) queueTouch(touches, session, nowMs + TOUCH.pauseMs)
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
