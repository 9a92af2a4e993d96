import type { Condition } from '../../schema/condition.ts'
import type { RampSubject } from '../../schema/traffic.ts'
import type { RampState } from '../ramp/state.ts'
import { rampOf } from './standing.ts'
import type { TrafficState } from './state.ts'

/**
 * What edges know of the ramp of a subject. One that slept through a fall sees one share before and after: the
 * attempt tells it that there was one.
 */
export function rampTermsOf(
  state: TrafficState,
  subject: RampSubject,
): Pick<Condition, 'attempt' | 'keepsSinceMs' | 'admitPercent'> {
  const ramp = rampOf(state, subject)
  if (ramp === undefined) return {}
  const { use, startedAtMs, breaches, admitPercent } = ramp
  const admission = admitPercent !== undefined && { admitPercent }
  if (use !== 'recovery') return { ...admission }
  const keepsSinceMs = keepsSinceMsOf(ramp)
  return {
    attempt: `${startedAtMs}/${breaches}`,
    ...(keepsSinceMs > 0 && { keepsSinceMs }),
    ...admission,
  }
}

/**
 * Whether it is still coming back, at its last step too: edges then tell of it soon, and DNS waits for its end. Who
 * comes back in one step, with nothing to measure, has nothing to stand.
 */
export function isRecovering(state: TrafficState, subject: RampSubject): boolean {
  const ramp = rampOf(state, subject)
  if (ramp?.use !== 'recovery') return false
  const { gate, steps } = ramp.settings.ramp
  return gate.minSamples > 0 || steps.length > 1
}

/** With nothing left to it, whoever was let stay has to leave as well. */
function keepsSinceMsOf({ at, attemptAtMs, sinceMs }: RampState): number {
  return at < 0 && attemptAtMs === 0 ? sinceMs : attemptAtMs
}
