import type { Quota } from '../../schema/limit.ts'
import { isAhead } from '../ahead.ts'
import { type Bucket, emptyBucket, leak, leftOfAll, pour, waitMsOf } from './gcra.ts'
import type { Ask, Grant } from './lessor.ts'
import type { Terms } from './terms.ts'

/** What an isolate has of one key. All of its times are by its own clock. */
export interface Lessee {
  /** How the key stood by the last word of who leases it; undefined before the first. */
  readonly view: Bucket | undefined
  /** Whether less was granted then than was wanted. */
  readonly isShort: boolean
  /** What may be spent, the first to lapse first. */
  readonly leases: readonly Lease[]
  /** Let in without a lease, and not told yet. */
  readonly ahead: number
  /** The same, told by asks that are on their way. */
  readonly telling: number
  /** How many were asked for, by asks that are on their way. */
  readonly wanted: number
  /** Requests since the last answer, refused ones too: by their pace the next ask is measured. */
  readonly seen: number
  /** Whether somebody should be asked in the background, and how pressing it is. */
  readonly urgency: Urgency
}

/** `soon`: there is something to tell; `now`: what is held will not last, and more is wanted. */
export type Urgency = 'none' | 'soon' | 'now'

interface Lease {
  readonly count: number
  readonly untilMs: number
}

/** What can be said of a request at once; `ask` means that somebody has to be asked first. */
export type Say = 'held' | 'ahead' | 'wait' | 'ask'

/** Quotas with their terms. */
export interface Lettings {
  readonly quotas: readonly Quota[]
  readonly terms: Terms
}

/** As long as an answer may take, with the wait for others to ask together. */
const HORIZON_MS = 400

/** Of a key that was never seen. */
export const NEW_LESSEE: Lessee = {
  view: undefined,
  isShort: false,
  leases: [],
  ahead: 0,
  telling: 0,
  wanted: 0,
  seen: 0,
  urgency: 'none',
}

/** What can be said of one more request. */
export function sayOf(lessee: Lessee, lettings: Lettings, nowMs: number): Say {
  if (heldOf(lessee, lettings, nowMs) > 0) return 'held'
  const { view, ahead, telling } = lessee
  const { slack, room } = lettings.terms
  // A clock that has jumped back makes what was seen worth nothing.
  if (view && view.atMs > nowMs) return 'ask'
  if (retryAfterMsOf(lessee, lettings, nowMs) > 0) return 'wait'
  // Ahead only where there was room enough for all who may do the same: near the brim everybody asks.
  const isRoomy = view === undefined || leftAt(view, lettings, nowMs) >= room
  return isRoomy && ahead + telling < slack ? 'ahead' : 'ask'
}

/**
 * How long a request has to wait, as far as is known. Who got less than it wanted asks again when half of what it
 * may hold should be there, and not for each request that comes free.
 */
export function retryAfterMsOf(
  { view, isShort }: Lessee,
  { quotas, terms }: Lettings,
  nowMs: number,
): number {
  if (view === undefined) return 0
  const count = isShort ? Math.max(1, Math.floor(terms.most / 2)) : 1
  return waitMsOf(leak(view, quotas, nowMs), quotas, count)
}

/** Lets a request in, as was said: from what is held, or ahead. */
export function spend(
  lessee: Lessee,
  lettings: Lettings,
  { say, nowMs }: { readonly say: 'held' | 'ahead'; readonly nowMs: number },
): Lessee {
  const seen = lessee.seen + 1
  if (say === 'ahead') {
    const urgency = lessee.urgency === 'now' ? 'now' : 'soon'
    return { ...lessee, ahead: lessee.ahead + 1, seen, urgency }
  }
  const [first, ...others] = currentOf(lessee, lettings, nowMs)
  if (first === undefined) return lessee
  const leases = first.count > 1 ? [{ ...first, count: first.count - 1 }, ...others] : others
  const next = { ...lessee, leases, seen }
  return isRunningOut(next, lettings, nowMs) ? { ...next, urgency: 'now' } : next
}

/** Takes note of a request that is refused. */
export function turnAway(lessee: Lessee): Lessee {
  return { ...lessee, seen: lessee.seen + 1 }
}

/**
 * Whether it is time for more: at the pace since the last answer the rest is gone before one who is asked now has
 * answered, and there is more to be had than would be asked for.
 */
function isRunningOut(lessee: Lessee, lettings: Lettings, nowMs: number): boolean {
  const { view, seen, wanted } = lessee
  // Of one request nobody can tell a pace.
  if (view === undefined || seen < 2) return false
  const held = heldOf(lessee, lettings, nowMs) + wanted
  if ((held + 1) * (nowMs - view.atMs) > seen * HORIZON_MS) return false
  return leftAt(view, lettings, nowMs) >= batchOf(lessee, lettings.terms, nowMs)
}

/** Why somebody is asked: only to tell what was let in, or for more; and how many requests wait for the answer. */
export interface Asking {
  readonly purpose: 'tell' | 'more'
  readonly waiting: number
  readonly nowMs: number
}

/** What to ask for now. It is on its way until it is settled or missed. */
export function toAsk(
  lessee: Lessee,
  lettings: Lettings,
  { purpose, waiting, nowMs }: Asking,
): readonly [Lessee, Ask] {
  const { ahead, telling, wanted } = lessee
  const leases = currentOf(lessee, lettings, nowMs)
  const batch = Math.max(waiting, batchOf(lessee, lettings.terms, nowMs))
  const more = Math.max(1, batch - sumOf(leases) - wanted)
  const want = purpose === 'more' ? more : 0
  const told = { ahead: 0, telling: telling + ahead, wanted: wanted + want }
  return [
    { ...lessee, ...told, leases, urgency: 'none' },
    { spent: ahead, want },
  ]
}

/**
 * What comes in the time of a lease, at the pace since the last answer; at most twice of what has come. So who comes
 * often asks seldom, and of what is asked little lapses.
 */
function batchOf({ seen, view }: Lessee, { most, leaseMs }: Terms, nowMs: number): number {
  const sinceMs = view === undefined ? 0 : nowMs - view.atMs
  const inLease = sinceMs > 0 ? Math.ceil((seen * leaseMs) / sinceMs) : Infinity
  return Math.min(most, Math.max(1, Math.min(2 * seen, inLease)))
}

/** An answer, with the times at which it was asked for and came. */
export interface Answered {
  readonly ask: Ask
  readonly grant: Grant
  /** Whether the request that waited for it takes one of what was granted. */
  readonly taken: 0 | 1
  readonly askedAtMs: number
  readonly nowMs: number
}

/** What the answer brings. A lease lasts from the moment of asking, since it cannot have begun before. */
export function settle(
  lessee: Lessee,
  lettings: Lettings,
  { ask, grant: { granted, levels }, taken, askedAtMs, nowMs }: Answered,
): Lessee {
  const lease = { count: granted - taken, untilMs: askedAtMs + lettings.terms.leaseMs }
  const leases = lease.count > 0 ? [...lessee.leases, lease] : lessee.leases
  return {
    ...lessee,
    view: { atMs: nowMs, levels },
    isShort: ask.want === 0 ? lessee.isShort : granted < ask.want,
    leases: currentOf({ leases }, lettings, nowMs),
    telling: lessee.telling - ask.spent,
    wanted: lessee.wanted - ask.want,
    seen: taken,
  }
}

/** One that was taken is not needed after all: it is held again, as if it had been leased now. */
export function giveBack(lessee: Lessee, { terms }: Lettings, nowMs: number): Lessee {
  const lease = { count: 1, untilMs: nowMs + terms.leaseMs }
  return { ...lessee, leases: [...lessee.leases, lease] }
}

/** Nobody answered: what was told may not have been heard, and is told again. */
export function miss(lessee: Lessee, { spent, want }: Ask): Lessee {
  const { ahead, telling, wanted } = lessee
  return { ...lessee, ahead: ahead + spent, telling: telling - spent, wanted: wanted - want }
}

/** How the key stands, as far as this isolate knows: what it holds is still to be had. */
export function standingOf(lessee: Lessee, lettings: Lettings, nowMs: number): Bucket {
  const { view, ahead, telling } = lessee
  const { quotas } = lettings
  const seen = view ? leak(view, quotas, nowMs) : emptyBucket(quotas, nowMs)
  return pour(seen, quotas, ahead + telling - heldOf(lessee, lettings, nowMs))
}

function heldOf(lessee: Lessee, lettings: Lettings, nowMs: number): number {
  return lessee.leases.length === 0 ? 0 : sumOf(currentOf(lessee, lettings, nowMs))
}

/** Those that have not lapsed. A clock that has jumped back makes none longer than any is. */
function currentOf(
  { leases }: Pick<Lessee, 'leases'>,
  { terms }: Lettings,
  nowMs: number,
): readonly Lease[] {
  const isCurrent = ({ untilMs }: Lease) => isAhead(untilMs, nowMs, terms.leaseMs)
  return leases.every(isCurrent) ? leases : leases.filter(isCurrent)
}

function sumOf(leases: readonly Lease[]): number {
  return leases.reduce((sum, { count }) => sum + count, 0)
}

function leftAt(view: Bucket, { quotas }: Lettings, nowMs: number): number {
  return leftOfAll(leak(view, quotas, nowMs), quotas)
}
