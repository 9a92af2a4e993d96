import type { RampPhase } from '../../schema/traffic.ts'
import { percentOf, type RampState } from './state.ts'
import { startStopwatch } from '../stopwatch.ts'

/** Enters a phase, or the same one anew: its time begins, and what was measured is of the past. */
export function toPhase(state: RampState, phase: RampPhase, nowMs: number): RampState {
  const { measured: _, anchor: __, ...rest } = state
  return {
    ...rest,
    phase,
    sinceMs: nowMs,
    elapsed: startStopwatch(nowMs),
    measuredAtMs: null,
    measuredMs: -1,
    unmeasured: '',
  }
}

/** Takes the next step; after the last one it is done. */
export function goUp(state: RampState, nowMs: number): RampState {
  const at = state.at + 1
  if (at >= state.settings.ramp.steps.length) return toPhase({ ...state, cause: '' }, 'done', nowMs)
  const isPast = at > state.setbackAt
  const past = isPast ? { setbacks: 0, setbackAt: -1, cause: '', backTo: 0 } : {}
  // Whoever was bound before this attempt is a client of the time before the fall.
  const attempt = state.at < 0 ? { attemptAtMs: nowMs } : {}
  return toPhase({ ...moveTo(state, at), ...past, ...attempt }, phaseAfterMove(state), nowMs)
}

/**
 * Goes back one step: its dwell begins anew. Below the first step there is nothing, so from there it falls back
 * and is held.
 */
export function stepDown(state: RampState, cause: string, nowMs: number): RampState {
  const at = state.at - 1
  if (state.isLeaving) {
    return at < 0 ? abortRamp(state, nowMs) : toPhase(moveTo(state, at), 'stepping', nowMs)
  }
  if (at < 0) return fallBack(state, cause, nowMs)
  const next = moveTo(state, at)
  const row = { setbacks: state.setbacks + 1, setbackAt: Math.max(state.setbackAt, state.at) }
  return toPhase({ ...next, ...row, cause, backTo: next.percent }, 'stepping', nowMs)
}

/** Takes everything back at once, and holds it for the hold-down: longer each time. */
export function fallBack(state: RampState, cause: string, nowMs: number): RampState {
  if (state.isLeaving) return abortRamp({ ...state, cause }, nowMs)
  const fallen = {
    ...moveTo(state, -1),
    cause,
    backTo: 0,
    setbacks: 0,
    setbackAt: Math.max(state.setbackAt, state.at),
    isReleased: state.use !== 'recovery',
    isPausing: state.phase === 'paused',
  }
  return toPhase({ ...fallen, breaches: state.breaches + 1 }, 'held', nowMs)
}

/** Is back at nothing because an operator wants it there. */
export function abortRamp(state: RampState, nowMs: number): RampState {
  return toPhase({ ...moveTo(state, -1), isLeaving: false }, 'aborted', nowMs)
}

/** Stands at another step. */
export function moveTo(state: RampState, at: number): RampState {
  return { ...state, at, percent: percentOf(state, at) }
}

/** A step that is taken by hand leaves a paused ramp paused. */
function phaseAfterMove({ phase }: RampState): RampPhase {
  return phase === 'paused' ? 'paused' : 'stepping'
}
