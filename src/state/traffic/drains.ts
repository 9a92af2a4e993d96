import { isRampOver, type RampState } from '../ramp-state.ts'
import { type Step, chain } from './event.ts'
import { refusalsOf } from './interlocks.ts'
import { tellRamp } from './ramps.ts'
import { type TrafficState, withoutEntries } from './state.ts'

/**
 * Drains whose end would turn a route off, because those that were to take over are out by now, go back at
 * once, and on when there is somebody again.
 */
export function guardDrains(state: TrafficState, nowMs: number): Step {
  const drains = Object.values(state.ramps).filter(
    (ramp) => ramp.use === 'drain' && !isRampOver(ramp),
  )
  return chain(
    state,
    ...drains.map((ramp) => (current: TrafficState) => guardDrain(current, ramp, nowMs)),
  )
}

function guardDrain(state: TrafficState, { id, isWell }: RampState, nowMs: number): Step {
  // Without its ramp a drain is at its end.
  const drained = { ...state, ramps: withoutEntries(state.ramps, [id]) }
  const routes = refusalsOf(state, drained).flatMap((refusal) =>
    refusal.type === 'all-off' ? [refusal.route] : [],
  )
  const mayGoOn = routes.length === 0 || state.overrides[id]?.isForced === true
  if (mayGoOn === isWell) return [state, []]
  const why = `nobody is left to take over route ${routes.join(', ')}`
  const event = mayGoOn ? ({ type: 'well' } as const) : ({ type: 'breach', why } as const)
  return tellRamp(state, id, { event, nowMs })
}
