import * as z from 'zod'
import type { HoldDown } from '../schema/ramp.ts'

/** How much longer than its last hold-down something has to stay well until its past is forgotten. */
const FORGIVEN_AFTER = 4

/** And at least so long. */
const QUIET_MS = 600_000

/** What is remembered of something that falls and recovers. */
export const HoldState = z.object({
  flaps: z.int().min(0).describe('Falls in a row that each came soon after a recovery.'),
  fellAtMs: z.number().nullable().describe('The last fall; null when there was none.'),
  recoveredAtMs: z.number().nullable().describe('When it came back; null while it is down.'),
  holdMs: z.number().min(0).describe('How long the last fall holds, counted from it.'),
})
export type HoldState = z.output<typeof HoldState>

/** It never fell. */
export const initialHold: HoldState = { flaps: 0, fellAtMs: null, recoveredAtMs: null, holdMs: 0 }

/** How long the `times`-th fall in a row is held: not at all, base, 2 × base, 4 × base, … at most `max`. */
export function holdMsOf({ base, max }: HoldDown, times: number): number {
  if (times <= 0) return 0
  // Bounded, so that no base of nothing is multiplied by infinity.
  return Math.min(max, base * 2 ** Math.min(times - 1, 40))
}

/**
 * It fell, at `nowMs`. Only a fall that comes soon after the last recovery counts as a flap and is held: within
 * four times the last hold-down, and at least 10 minutes. Quiet for longer, its past is forgiven. Falling while
 * it is down changes nothing.
 */
export function fall(state: HoldState, settings: HoldDown, nowMs: number): HoldState {
  const { recoveredAtMs } = state
  if (recoveredAtMs === null && state.fellAtMs !== null) return state
  const quietMs = recoveredAtMs === null ? Infinity : nowMs - recoveredAtMs
  const isFlap = quietMs < Math.max(QUIET_MS, FORGIVEN_AFTER * state.holdMs)
  const flaps = isFlap ? state.flaps + 1 : 0
  return { flaps, fellAtMs: nowMs, recoveredAtMs: null, holdMs: holdMsOf(settings, flaps) }
}

/** It is well again, and no hold-down keeps it out. */
export function recover(state: HoldState, nowMs: number): HoldState {
  const isDown = state.fellAtMs !== null && state.recoveredAtMs === null
  return isDown ? { ...state, recoveredAtMs: nowMs } : state
}

/** How much of the hold-down is left: 0 when it may come back as soon as it is well. */
export function remainingHoldMs(state: HoldState, nowMs: number): number {
  const { fellAtMs, recoveredAtMs, holdMs } = state
  if (fellAtMs === null || recoveredAtMs !== null) return 0
  return Math.min(holdMs, Math.max(0, fellAtMs + holdMs - nowMs))
}

/**
 * To be called at every step: after a clock has jumped back the hold-down is counted from now, so that it never
 * lasts longer than its length from the moment that this was noticed.
 */
export function rebaseHold(state: HoldState, nowMs: number): HoldState {
  const fellAtMs = notAfter(state.fellAtMs, nowMs)
  const recoveredAtMs = notAfter(state.recoveredAtMs, nowMs)
  const isSame = fellAtMs === state.fellAtMs && recoveredAtMs === state.recoveredAtMs
  return isSame ? state : { ...state, fellAtMs, recoveredAtMs }
}

function notAfter(atMs: number | null, nowMs: number): number | null {
  return atMs === null ? null : Math.min(atMs, nowMs)
}
