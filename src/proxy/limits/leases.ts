import { limiterOf } from '../../../durable/limiter-methods.ts'
import {
  type BoundedTable,
  createBoundedTable,
  entryOf,
  putEntry,
} from '../../state/rate/bounded-table.ts'
import type { Quota } from '../../schema/limit.ts'
import { emptyAtMs } from '../../state/rate/gcra.ts'
import { type Asking, miss, settle, toAsk } from '../../state/rate/asks.ts'
import { type Lessee, type Lettings, NEW_LESSEE, type Urgency } from '../../state/rate/lessee.ts'
import type { Ask, Grant } from '../../state/rate/lessor.ts'
import { termsOf } from '../../state/rate/terms.ts'
import type { Claim } from './claim.ts'

/** Most keys of which one isolate leases requests: some 27 MB. */
const MOST_LESSEES = 50_000

/** Most keys that wait to be asked of one object, while it does not answer. */
const MOST_QUEUED = 5000

/** How long an object that did not answer is left alone: longer each time. */
const AWAY = { baseMs: 1000, mostMs: 10_000 } as const

/** What an isolate has of the keys of global limits, and how it stands with the objects that lease them. */
export interface Leases {
  readonly table: BoundedTable<Holding>
  /** The same for all keys of a limit, and not once for each. */
  readonly lettings: WeakMap<readonly Quota[], Lettings>
  /** What is to be asked in the background, by object. */
  readonly queues: Map<string, Queue>
  /** Objects that do not answer. */
  readonly away: Map<string, { readonly untilMs: number; readonly misses: number }>
  /** Since when someone sees to it that what is queued is asked; 0 when nobody does. */
  readonly armedAtMs: { soon: number; now: number }
  calls: number
  unanswered: number
}

/** One key. */
export interface Holding {
  readonly lettings: Lettings
  lessee: Lessee
  /** Requests that cannot go on before there is an answer. */
  waiting: number
  askedAtMs: number
}

interface Queue {
  readonly keys: Set<number>
  urgency: Urgency
}

/** Nothing leased yet. */
export function createLeases(): Leases {
  return {
    table: createBoundedTable(MOST_LESSEES, endOf),
    lettings: new WeakMap(),
    queues: new Map(),
    away: new Map(),
    armedAtMs: { soon: 0, now: 0 },
    calls: 0,
    unanswered: 0,
  }
}

/** What was let in and not told yet goes last; otherwise a key may go when its bucket is empty again. */
function endOf({ lessee: { view, ahead, telling }, lettings: { quotas } }: Holding): number {
  if (ahead + telling > 0) return Number.MAX_SAFE_INTEGER
  return view === undefined ? 0 : emptyAtMs(view, quotas)
}

/** What is held of the key of a claim. */
export function holdingOf(leases: Leases, { limit, key }: Claim): Holding {
  const known = entryOf(leases.table, key)
  if (known) return known
  const lettings = lettingsOf(leases, limit.quotas)
  const holding = { lettings, lessee: NEW_LESSEE, waiting: 0, askedAtMs: 0 }
  putEntry(leases.table, key, holding)
  return holding
}

function lettingsOf({ lettings }: Leases, quotas: readonly Quota[]): Lettings {
  const known = lettings.get(quotas)
  if (known) return known
  const made = { quotas, terms: termsOf(quotas) }
  lettings.set(quotas, made)
  return made
}

/** Has a key asked for in the background, as soon as it is urgent. */
export function queueKey({ queues }: Leases, key: number, urgency: Urgency): void {
  const object = limiterOf(key)
  const queue = queues.get(object) ?? { keys: new Set<number>(), urgency: 'soon' }
  // Of more than that nobody hears in time; a key that stays out is queued when it comes again.
  if (queue.keys.size < MOST_QUEUED) queue.keys.add(key)
  if (urgency === 'now') queue.urgency = 'now'
  queues.set(object, queue)
}

/** Whether an object is left alone now. When that time is over one call tries, and the others go on without. */
export function isAway({ away }: Leases, object: string, nowMs: number): boolean {
  const absence = away.get(object)
  if (absence === undefined) return false
  const leftMs = absence.untilMs - nowMs
  if (leftMs > 0 && leftMs <= AWAY.mostMs) return true
  away.set(object, { ...absence, untilMs: nowMs + AWAY.baseMs })
  return false
}

/** An ask that is on its way. */
export interface Sent {
  readonly key: number
  readonly holding: Holding
  readonly ask: Ask
  readonly askedAtMs: number
}

/** Asks for a key, for more of it or only to tell. */
export function beginAsk(
  holding: Holding,
  key: number,
  { nowMs, purpose }: Pick<Asking, 'nowMs' | 'purpose'>,
): Sent {
  const { waiting } = holding
  const [lessee, ask] = toAsk(holding.lessee, holding.lettings, { nowMs, purpose, waiting })
  holding.lessee = lessee
  holding.askedAtMs = nowMs
  return { key, holding, ask, askedAtMs: nowMs }
}

/** What came of an ask; `taken` says whether a request has waited for it, and takes one. */
export function endAsk(
  { holding, ask, askedAtMs }: Sent,
  grant: Grant | undefined,
  { nowMs, taken }: { readonly nowMs: number; readonly taken: 0 | 1 },
): void {
  const { lessee, lettings } = holding
  holding.lessee = grant
    ? settle(lessee, lettings, { ask, grant, taken, askedAtMs, nowMs })
    : miss(lessee, ask)
}

/** Takes note of whether an object has answered. */
export function noteCall(leases: Leases, object: string, isHeard: boolean): void {
  leases.calls += 1
  if (isHeard) {
    leases.away.delete(object)
    return
  }
  leases.unanswered += 1
  const misses = (leases.away.get(object)?.misses ?? 0) + 1
  const pauseMs = Math.min(AWAY.mostMs, AWAY.baseMs * 2 ** (misses - 1))
  leases.away.set(object, { untilMs: Date.now() + pauseMs, misses })
}
