import type { WideHash } from '../../core/kernel/wide-hash.ts'
import { createInFlight, finish, type InFlight, start, turn } from '../in-flight.ts'

/** When what was started and never finished is forgotten, at the earliest; at the latest after twice as long. */
const FORGOTTEN = {
  /** Without headers yet: the longest that a route may take to them, eight attempts of ten minutes. */
  waitingMs: 4_800_000,
  /** With a body or a WebSocket that goes on. Their ends are told; this is for those that should not be missed. */
  openMs: 86_400_000,
} as const

/** How often those that are forgotten, and those whom nobody holds a place for, are looked for. */
const TIDY_EVERY_MS = 60_000

/** The places that are taken, by whom they count for. */
export interface Slots {
  readonly counts: Map<WideHash, Count>
  tidiedAtMs: number
}

interface Count {
  readonly waiting: InFlight
  readonly open: InFlight
  waitingTurnedAtMs: number
  openTurnedAtMs: number
}

/** A place that is taken. */
export interface Slot {
  /** The headers are there: from now on it is the body that takes its time. */
  open(this: void): void
  /** Gives it back; once, however often it is called. */
  free(this: void): void
}

/** No place taken. */
export function createSlots(): Slots {
  return { counts: new Map(), tidiedAtMs: 0 }
}

/** How many places of a key are taken. */
export function takenOf({ counts }: Slots, key: WideHash): number {
  const count = counts.get(key)
  return count === undefined ? 0 : sumOf(count)
}

/** Takes a place. */
export function takeSlot(slots: Slots, key: WideHash, nowMs: number): Slot {
  // A distance, not an order: the clock may jump back.
  if (Math.abs(nowMs - slots.tidiedAtMs) >= TIDY_EVERY_MS) tidy(slots, nowMs)
  const count = slots.counts.get(key) ?? createCount(nowMs)
  slots.counts.set(key, count)
  let held: InFlight | undefined = count.waiting
  let started = start(held)
  return {
    open() {
      if (held !== count.waiting) return
      finish(held, started)
      held = count.open
      started = start(held)
    },
    free() {
      if (held === undefined) return
      finish(held, started)
      held = undefined
      if (sumOf(count) === 0 && slots.counts.get(key) === count) slots.counts.delete(key)
    },
  }
}

function createCount(nowMs: number): Count {
  return {
    waiting: createInFlight(),
    open: createInFlight(),
    waitingTurnedAtMs: nowMs,
    openTurnedAtMs: nowMs,
  }
}

function sumOf({ waiting, open }: Count): number {
  return waiting.young + waiting.old + open.young + open.old
}

function tidy(slots: Slots, nowMs: number): void {
  slots.tidiedAtMs = nowMs
  for (const [key, count] of slots.counts) {
    if (Math.abs(nowMs - count.waitingTurnedAtMs) >= FORGOTTEN.waitingMs) {
      turn(count.waiting)
      count.waitingTurnedAtMs = nowMs
    }
    if (Math.abs(nowMs - count.openTurnedAtMs) >= FORGOTTEN.openMs) {
      turn(count.open)
      count.openTurnedAtMs = nowMs
    }
    if (sumOf(count) === 0) slots.counts.delete(key)
  }
}
