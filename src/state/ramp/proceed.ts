import { askFailback } from './failback.ts'
import { judge } from './gate.ts'
import { goUp, stepDown, toPhase } from './move.ts'
import { hasDwelt, type RampState } from './state.ts'

/** What time alone brings about: a wait that is over, a dwell on the way back, the longest wait for requests. */
export function proceed(state: RampState, nowMs: number): RampState {
  switch (state.phase) {
    case 'waiting': {
      if (!state.isWell || !mayReturn(state, nowMs)) return state
      return goUp({ ...state, isReleased: state.use !== 'recovery' }, nowMs)
    }
    case 'held': {
      if (!hasDwelt(state)) return state
      if (!state.isPausing) return proceed(toPhase(state, 'waiting', nowMs), nowMs)
      return toPhase({ ...state, isPausing: false }, 'paused', nowMs)
    }
    case 'stepping':
      return hasDwelt(state) ? proceedFromStep(state, nowMs) : state
    case 'paused':
    case 'done':
    case 'aborted':
      return state
  }
}

function proceedFromStep(state: RampState, nowMs: number): RampState {
  if (state.isLeaving) return stepDown(state, state.cause, nowMs)
  if (state.at < 0) return goUp(state, nowMs)
  const { measured, unmeasured } = state
  const { gate, longestWait } = state.settings.ramp
  // That nobody could count the requests is no sign that there were none: then it is for an operator to say.
  if (state.elapsed.ms < longestWait || measured === undefined || unmeasured !== '') return state
  // What was seen last still counts, if it was bad.
  const verdict = judge(gate, measured)
  return verdict.type === 'poor' ? stepDown(state, verdict.words, nowMs) : goUp(state, nowMs)
}

function mayReturn(state: RampState, nowMs: number): boolean {
  if (state.isReleased) return true
  return askFailback(state.settings.failback, state.elapsed.ms, nowMs).type === 'now'
}
