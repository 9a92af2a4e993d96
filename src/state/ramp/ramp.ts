import { admit, noteShares } from './admit.ts'
import { askFailback } from './failback.ts'
import { judge, type Verdict } from './gate.ts'
import { commandRamp } from './command.ts'
import { fallBack, goUp, stepDown, toPhase } from './move.ts'
import { proceed } from './proceed.ts'
import {
  hasDwelt,
  isRampOver,
  lookAtRamp,
  type Measured,
  type RampEvent,
  type RampSettings,
  type RampState,
  rampTickMs,
  remainingMsOf,
  waitMsOf,
  windowSinceMs,
} from './state.ts'
import { latestPart } from './window.ts'
import { startStopwatch } from '../stopwatch.ts'

/** What a new ramp is told. */
export type RampStart = Pick<RampState, 'id' | 'use' | 'subject' | 'from' | 'to' | 'startedBy'> & {
  readonly settings: RampSettings
}

/**
 * A ramp that begins now. A recovery asks its failback policy first, and the subject is taken to be well; a
 * shift or a drain takes its first step at once, since an operator asked for it.
 */
export function startRamp(start: RampStart, nowMs: number): RampState {
  const state: RampState = {
    ...start,
    startedAtMs: nowMs,
    attemptAtMs: nowMs,
    phase: 'waiting',
    at: -1,
    percent: 0,
    sinceMs: nowMs,
    elapsed: startStopwatch(nowMs),
    isWell: true,
    isReleased: start.use !== 'recovery',
    isLeaving: false,
    isPausing: false,
    breaches: 0,
    setbacks: 0,
    setbackAt: -1,
    cause: '',
    backTo: 0,
    measuredAtMs: null,
    measuredMs: -1,
    unmeasured: '',
  }
  return proceed(state, nowMs)
}

/**
 * One step of a ramp, whatever it moves. Up only from `measured`, after the dwell and with a good gate, or when
 * the longest wait is over; down at a breach; otherwise as an operator says. Events that come twice, late or
 * after the end change nothing but the time that was looked at.
 */
export function stepRamp(state: RampState, event: RampEvent, nowMs: number): RampState {
  if (isRampOver(state)) return state
  return admit(proceed(handle(lookAtRamp(state, nowMs), event, nowMs), nowMs))
}

/** When the ramp wants to see a `wake` or a `measured`; after a clock went back, any event will do. */
export function rampWakeAtMs(state: RampState): number | undefined {
  const { phase, isWell, elapsed } = state
  switch (phase) {
    case 'done':
    case 'aborted':
      return undefined
    case 'waiting':
      return isWell ? wakeForFailback(state) : undefined
    case 'paused':
      return state.at < 0 ? undefined : elapsed.atMs + rampTickMs(state)
    case 'held':
    case 'stepping': {
      const remainingMs = remainingMsOf(state)
      const ms = rampTickMs(state)
      return elapsed.atMs + (remainingMs > 0 ? Math.min(ms, remainingMs) : ms)
    }
  }
}

/** Since when it wants its subject and peers to be counted, if it wants that now. */
export function measureSinceMs(state: RampState, nowMs: number): number | undefined {
  return isMeasureDue(state, nowMs) ? windowSinceMs(state) : undefined
}

/** Whether it wants to be measured now: once in a tick, and when the dwell has just ended; not before the window begins. */
export function isMeasureDue(state: RampState, nowMs: number): boolean {
  const { phase, at, isLeaving, measuredAtMs, measuredMs } = state
  if ((phase !== 'stepping' && phase !== 'paused') || at < 0 || isLeaving) return false
  if (nowMs < windowSinceMs(state)) return false
  if (measuredAtMs === null || measuredAtMs > nowMs) return true
  const { ms } = lookAtRamp(state, nowMs).elapsed
  const waitMs = waitMsOf(state)
  return nowMs - measuredAtMs >= rampTickMs(state) || (ms >= waitMs && measuredMs < waitMs)
}

function handle(state: RampState, event: RampEvent, nowMs: number): RampState {
  switch (event.type) {
    case 'measured':
      return isAwaited(state, event) ? measure(state, event, nowMs) : state
    case 'unmeasured':
      return { ...state, ...measuredNow(state, nowMs), unmeasured: event.why }
    case 'breach':
      return breach(state, event.why, nowMs)
    case 'well':
      return makeWell(state, nowMs)
    case 'wake':
      return state
    case 'pause':
    case 'resume':
    case 'step-back':
    case 'promote':
    case 'abort':
      return commandRamp(state, event, nowMs)
  }
}

/** Counts that were asked for at an earlier step say nothing of this one. */
function isAwaited(state: RampState, { sinceMs }: { readonly sinceMs: number }): boolean {
  const { phase, at, isLeaving } = state
  const isMoving = phase === 'stepping' || phase === 'paused'
  return isMoving && at >= 0 && !isLeaving && sinceMs === windowSinceMs(state)
}

function measure(
  state: RampState,
  { subject, peers }: Extract<RampEvent, { type: 'measured' }>,
  nowMs: number,
): RampState {
  const measured: Measured = peers === undefined ? { subject } : { subject, peers }
  const { latest, anchor } = latestPart(state, measured)
  const seen = {
    ...noteShares(state, measured),
    ...measuredNow(state, nowMs),
    measured,
    anchor,
    unmeasured: '',
  }
  return follow(seen, judge(state.settings.ramp.gate, measured, latest), nowMs)
}

function measuredNow({ elapsed }: RampState, nowMs: number) {
  return { measuredAtMs: nowMs, measuredMs: elapsed.ms }
}

function follow(state: RampState, { type, words }: Verdict, nowMs: number): RampState {
  const mayMove = state.phase === 'stepping'
  switch (type) {
    case 'hard':
      return fallBack(state, words, nowMs)
    case 'clear':
      return mayMove ? stepDown(state, words, nowMs) : state
    case 'few':
      return state
    case 'poor':
      return mayMove && hasDwelt(state) ? stepDown(state, words, nowMs) : state
    case 'good':
      return mayMove && hasDwelt(state) ? goUp(state, nowMs) : state
  }
}

function breach(state: RampState, why: string, nowMs: number): RampState {
  const down = { ...state, isWell: false }
  if (state.percent > 0) return fallBack(down, why, nowMs)
  const fallen = { ...down, cause: why }
  return state.phase === 'stepping' ? toPhase(fallen, 'waiting', nowMs) : fallen
}

function makeWell(state: RampState, nowMs: number): RampState {
  if (state.isWell) return state
  const well = { ...state, isWell: true }
  // The delay of the policy counts from here.
  return state.phase === 'waiting' ? toPhase(well, 'waiting', nowMs) : well
}

function wakeForFailback(state: RampState): number | undefined {
  const { elapsed, settings } = state
  const asked = askFailback(settings.failback, elapsed.ms, elapsed.atMs)
  if (asked.type === 'now') return elapsed.atMs
  if (asked.atMs === undefined) return undefined
  // While the delay is counted, the clock is looked at in between.
  const isCounting = elapsed.ms < settings.failback.delay
  return isCounting ? Math.min(asked.atMs, elapsed.atMs + rampTickMs(state)) : asked.atMs
}
