import type { ShareCounts } from '../../schema/report.ts'
import { type Admission, solveAdmission } from './admission.ts'
import { sharePercentOf } from './share.ts'
import type { Measured, RampState } from './state.ts'

/** Fewer requests say too little of whom affinity keeps: what was counted before holds. */
const LEAST_COUNTED = 50

/** In points of the whole share. What moves it by less is not published: every change is a generation. */
const LEAST_MOVE = 1

/** Takes note of whom affinity keeps, as far as enough was counted. Of a drain: at those that leave, its peers. */
export function noteShares(state: RampState, { subject, peers }: Measured): RampState {
  const shares = state.use === 'drain' ? peers?.shares : subject.shares
  return isEnough(shares) ? { ...state, shares } : state
}

function isEnough(shares: ShareCounts | undefined): shares is ShareCounts {
  return shares !== undefined && shares.natural >= LEAST_COUNTED
}

/**
 * The ramp with the share of free clients that makes the whole right at its step. It moves with every step, and
 * between steps when what was counted moves the whole by a point.
 */
export function admit(state: RampState): RampState {
  const { admitPercent: before, ...rest } = state
  const admission = admissionOf(state)
  if (admission === undefined) return before === undefined ? state : rest
  const admitPercent = Math.round(admission.admitPercent * 10) / 10
  if (before === undefined) return { ...rest, admitPercent }
  const moved = (Math.abs(admitPercent - before) * admission.freePercent) / 100
  return moved >= LEAST_MOVE ? { ...rest, admitPercent } : state
}

/** What affinity makes of the share of a ramp; undefined where nothing was counted, or nothing is to be solved. */
export function admissionOf(state: RampState): Admission | undefined {
  const { shares, use } = state
  const sharePercent = sharePercentOf(state)
  const isMoving = use !== 'shift' && sharePercent > 0 && sharePercent < 100
  return isMoving && shares ? solveAdmission(sharePercent, shares) : undefined
}
