import { countOf, currentLeases } from './held.ts'
import { currentOf, type Lessee, type Lettings } from './lessee.ts'
import type { Ask, Grant } from './lessor.ts'
import type { Terms } from './terms.ts'

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
  const more = Math.max(1, batch - countOf(leases) - wanted)
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
export function batchOf({ seen, view }: Lessee, { most, leaseMs }: Terms, nowMs: number): number {
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
    leases: currentLeases(leases, lettings.terms.leaseMs, nowMs),
    telling: lessee.telling - ask.spent,
    wanted: lessee.wanted - ask.want,
    seen: taken,
  }
}

/** Nobody answered: what was told may not have been heard, and is told again. */
export function miss(lessee: Lessee, { spent, want }: Ask): Lessee {
  const { ahead, telling, wanted } = lessee
  return { ...lessee, ahead: ahead + spent, telling: telling - spent, wanted: wanted - want }
}
