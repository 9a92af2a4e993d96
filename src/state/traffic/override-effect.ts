import { startRamp } from '../ramp/ramp.ts'
import {
  type HeldOverride,
  type TrafficState,
  toSubject,
  withEntry,
  withoutEntries,
} from './state.ts'

/** An override, and the key of its subject. */
export interface Held {
  readonly key: string
  readonly override: HeldOverride
}

/** What an override does to the ramp of its subject: a drain may have its own, and no recovery goes on beside. */
export function takeEffect(
  state: TrafficState,
  { key, override }: Held,
  nowMs: number,
): TrafficState {
  if (override.state === 'ready') return state
  const subject = toSubject(key)
  const ramp = override.ramp === undefined ? undefined : state.plan?.ramps[override.ramp]
  const pool = subject.type === 'pool' ? subject.id : (state.plan?.poolOf[subject.id] ?? '')
  const plan = state.plan?.pools[pool]
  if (ramp === undefined || plan === undefined) {
    return { ...state, ramps: withoutEntries(state.ramps, [key]) }
  }
  const { holdDown, failback } = plan
  const started = startRamp(
    {
      id: key,
      use: 'drain',
      subject,
      settings: { ramp, holdDown, failback },
      startedBy: override.by,
    },
    nowMs,
  )
  return { ...state, ramps: withEntry(state.ramps, key, started) }
}
