import type { Quota } from '../../schema/limit.ts'
import { type Bucket, emptyBucket, leak, leftOfAll, pour } from './gcra.ts'
import { countOf, currentLeases, type Lease } from './held.ts'
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

/** Quotas with their terms. */
export interface Lettings {
  readonly quotas: readonly Quota[]
  readonly terms: Terms
}

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

/** Takes note of a request that is refused. */
export function turnAway(lessee: Lessee): Lessee {
  return { ...lessee, seen: lessee.seen + 1 }
}

/** One that was taken is not needed after all: it is held again, as if it had been leased now. */
export function giveBack(lessee: Lessee, { terms }: Lettings, nowMs: number): Lessee {
  const lease = { count: 1, untilMs: nowMs + terms.leaseMs }
  return { ...lessee, leases: [...lessee.leases, lease] }
}

/** How the key stands, as far as this isolate knows: what it holds is still to be had. */
export function standingOf(lessee: Lessee, lettings: Lettings, nowMs: number): Bucket {
  const { view, ahead, telling } = lessee
  const { quotas } = lettings
  const seen = view ? leak(view, quotas, nowMs) : emptyBucket(quotas, nowMs)
  return pour(seen, quotas, ahead + telling - heldOf(lessee, lettings, nowMs))
}

/** How many requests are held now. */
export function heldOf(lessee: Lessee, lettings: Lettings, nowMs: number): number {
  return countOf(currentOf(lessee, lettings, nowMs))
}

/** What is held now. */
export function currentOf(
  { leases }: Lessee,
  { terms }: Lettings,
  nowMs: number,
): readonly Lease[] {
  return currentLeases(leases, terms.leaseMs, nowMs)
}

/** How many requests a key has left, by what was last said of it. */
export function leftAt(view: Bucket, { quotas }: Lettings, nowMs: number): number {
  return leftOfAll(leak(view, quotas, nowMs), quotas)
}
