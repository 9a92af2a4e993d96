import { isRampOver } from '../ramp/state.ts'
import { rampWakeAtMs } from '../ramp/ramp.ts'
import { type Step, chain } from './event.ts'
import { tellRamp } from './ramps.ts'
import { routesLost } from './standing.ts'
import { type TrafficState, toSubject, withoutEntries } from './state.ts'

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
    ...drains.map(
      ({ id }) =>
        (current: TrafficState) =>
          guardDrain(current, id, nowMs),
    ),
  )
}

/** Lets time pass for the ramps that wait for it. */
export function wakeRamps(state: TrafficState, nowMs: number): Step {
  const due = Object.values(state.ramps).filter((ramp) => {
    const atMs = rampWakeAtMs(ramp)
    return atMs !== undefined && atMs <= nowMs
  })
  const event = { type: 'wake' } as const
  return chain(
    state,
    ...due.flatMap(({ id, use }) => [
      // Of two drains that end at one moment the second is judged with the first at its end.
      (current: TrafficState): Step =>
        use === 'drain' ? guardDrain(current, id, nowMs) : [current, []],
      (current: TrafficState) => tellRamp(current, id, { event, nowMs }),
    ]),
  )
}

function guardDrain(state: TrafficState, id: string, nowMs: number): Step {
  const isWell = state.ramps[id]?.isWell
  if (isWell === undefined) return [state, []]
  // Without its ramp a drain is at its end.
  const drained = { ...state, ramps: withoutEntries(state.ramps, [id]) }
  const { type, id: subject } = toSubject(id)
  const pool = type === 'pool' ? subject : (state.plan?.poolOf[subject] ?? '')
  const routes = routesLost(state, drained, pool)
  const mayGoOn = routes.length === 0 || state.overrides[id]?.isForced === true
  if (mayGoOn === isWell) return [state, []]
  const why = `nobody is left to take over route ${routes.slice(0, 10).join(', ')}`
  const event = mayGoOn ? ({ type: 'well' } as const) : ({ type: 'breach', why } as const)
  return tellRamp(state, id, { event, nowMs })
}
