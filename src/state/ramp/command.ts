import { abortRamp, goUp, moveTo, toPhase } from './move.ts'
import type { RampEvent, RampState } from './state.ts'

/** What an operator can say to a ramp. */
export type RampCommand = Extract<
  RampEvent,
  { type: 'pause' | 'resume' | 'step-back' | 'promote' | 'abort' }
>

/** Whether a command would change anything now. */
export function isCommandOpen(state: RampState, { type }: Pick<RampCommand, 'type'>): boolean {
  const { phase, isPausing } = state
  if (phase === 'done') return false
  const isAborted = phase === 'aborted'
  if (isAborted) return state.use === 'recovery' && (type === 'resume' || type === 'promote')
  switch (type) {
    case 'pause':
      return phase === 'waiting' || phase === 'stepping' || (phase === 'held' && !isPausing)
    case 'resume':
      return phase === 'paused' || (phase === 'held' && isPausing)
    case 'step-back':
      return state.at >= 0 && !state.isLeaving
    case 'promote':
    case 'abort':
      return true
  }
}

/** What becomes of a ramp by a command. One that makes no sense now changes nothing. */
export function commandRamp(state: RampState, command: RampCommand, nowMs: number): RampState {
  if (!isCommandOpen(state, command)) return state
  switch (command.type) {
    case 'pause':
      return state.phase === 'held'
        ? { ...state, isPausing: true }
        : toPhase(state, 'paused', nowMs)
    case 'resume':
      return resume(state, nowMs)
    case 'step-back':
      return toPhase(moveTo(state, state.at - 1), keepsPause(state), nowMs)
    case 'promote':
      return promote(state, nowMs)
    case 'abort':
      return abort(state, command.how, nowMs)
  }
}

function resume(state: RampState, nowMs: number): RampState {
  if (state.phase === 'held') return { ...state, isPausing: false }
  const isMoving = state.phase === 'paused' && state.at >= 0
  return toPhase(state, isMoving ? 'stepping' : 'waiting', nowMs)
}

function promote(state: RampState, nowMs: number): RampState {
  const freed = { ...state, isLeaving: false }
  if (state.at >= 0) return goUp(freed, nowMs)
  // From nothing it still takes something that is well; the time that it would wait is spared.
  return toPhase({ ...freed, isReleased: true, isPausing: false }, 'waiting', nowMs)
}

function abort(state: RampState, how: 'at-once' | 'in-steps', nowMs: number): RampState {
  const back = { ...state, cause: 'aborted by an operator', backTo: 0 }
  if (how === 'at-once' || state.at < 0) return abortRamp(back, nowMs)
  return toPhase({ ...back, isLeaving: true }, 'stepping', nowMs)
}

function keepsPause({ phase }: RampState): 'paused' | 'stepping' {
  return phase === 'paused' ? 'paused' : 'stepping'
}
