import type { OriginPlan } from '../../schema/probe-plan.ts'
import type { Isolates } from './isolates.ts'
import { type Jury, askJury } from './jury.ts'
import { type Traffic, countSince } from './traffic.ts'

/** What real traffic says of an origin. */
export interface PassiveVerdict extends Jury {
  /** `none`: too little traffic to say anything. */
  readonly verdict: 'none' | 'well' | 'failing'
  readonly requests: number
  /** Gateway errors and other 5xx: what passive ejection in an isolate counts as well. */
  readonly failed: number
  readonly windowMs: number
}

/** What traffic is judged from. */
export interface PassiveContext {
  readonly traffic: Traffic
  readonly isolates: Isolates
  readonly nowMs: number
}

/**
 * Failing: at least the share `failureRate` of at least `minRequests` failed within the window, and most of the
 * isolates that have seen enough say so each for itself.
 */
export function judgePassive(
  { failureRate, minRequests, windowMs }: OriginPlan['passive'],
  { traffic, isolates, nowMs }: PassiveContext,
): PassiveVerdict {
  const { requests, failing: failed } = countSince(traffic, nowMs - windowMs)
  const seen = { requests, failed, windowMs, jurors: 0, failing: 0 }
  if (requests < minRequests) return { ...seen, verdict: 'none' }
  if (failed < requests * failureRate) return { ...seen, verdict: 'well' }
  const jury = askJury(isolates, { failureRate, windowMs, nowMs })
  // Nobody left to ask: isolates are not stored, and what they saw may have been.
  if (jury.jurors === 0) return { ...seen, verdict: 'none' }
  return { ...seen, ...jury, verdict: jury.failing * 2 > jury.jurors ? 'failing' : 'well' }
}
