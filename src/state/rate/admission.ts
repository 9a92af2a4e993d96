import { batchOf } from './asks.ts'
import { leak, waitMsOf } from './gcra.ts'
import { spendOne } from './held.ts'
import { currentOf, heldOf, leftAt, type Lessee, type Lettings } from './lessee.ts'

/** What can be said of a request at once; `ask` means that somebody has to be asked first. */
export type Say = 'held' | 'ahead' | 'wait' | 'ask'

/** As long as an answer may take, with the wait for others to ask together. */
const HORIZON_MS = 400

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
  const leases = spendOne(currentOf(lessee, lettings, nowMs))
  const next = { ...lessee, leases, seen }
  return isRunningOut(next, lettings, nowMs) ? { ...next, urgency: 'now' } : next
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
