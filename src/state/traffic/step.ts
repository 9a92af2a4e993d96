import type { Wake } from '../machine.ts'
import { rampWakeAtMs } from '../ramp/ramp.ts'
import { commandRamp } from './command.ts'
import { updateConditions } from './conditions.ts'
import { confirm, confirmationsWakeAtMs, revertDue } from './confirmations.ts'
import { settleDrains } from './drain-times.ts'
import { guardDrains, wakeRamps } from './drains.ts'
import { type Step, type TrafficEvent, chain } from './event.ts'
import { takeHealth } from './health.ts'
import { leavingWakeAtMs, letGo } from './leaving.ts'
import { answered, askDue } from './measure.ts'
import { overridesWakeAtMs, turnOverrides } from './overrides.ts'
import { tellRamp } from './ramps.ts'
import { settlePools } from './recovery.ts'
import { setShedding } from './set-shedding.ts'
import { setState } from './set-state.ts'
import { sheddingWakeAtMs, turnShedding } from './shedding.ts'
import { landDue, landingsWakeAtMs, startShift } from './shifts.ts'
import { type TrafficState, toSubject } from './state.ts'

/**
 * One step of traffic: what happened, then what has become due, then the questions that ramps have. Where an
 * event comes twice or late it changes nothing. `told` is among the effects of what an operator asked for.
 */
export function stepTraffic(state: TrafficState, event: TrafficEvent | Wake, nowMs: number): Step {
  const told = event.type === 'health' ? [`origin:${event.report.origin}`] : []
  return conclude(state, { taken: take(state, event, nowMs), told }, nowMs)
}

/** What an event led to, and the subjects that it spoke of. */
interface Taken {
  readonly taken: Step
  readonly told: readonly string[]
}

/** Draws the consequences of a step: pools that went down or came up, what is due, and the conditions. */
function conclude(
  before: TrafficState,
  { taken: [taken, effects], told }: Taken,
  nowMs: number,
): Step {
  // Without a configuration that can be read there is nothing to move.
  if (taken.plan === null) return [taken, effects]
  const [state, more] = chain(
    taken,
    (current) => turnOverrides(current, nowMs),
    (current) => turnShedding(current, nowMs),
    (current) => revertDue(current, nowMs),
    // Before time passes for them: the last step of a drain must not be the one too many.
    (current) => guardDrains(current, nowMs),
    (current) => wakeRamps(current, nowMs),
    (current) => landDue(current, nowMs),
    (current) => settlePools(current, touchedPools(before, current), nowMs),
    (current) => letGo(current, nowMs),
    (current) => askDue(current, nowMs),
  )
  const all = [...effects, ...more]
  const settled = settleDrains(state, touchedKeys(before, state), nowMs)
  const keys = [...told, ...touchedKeys(before, settled)]
  if (keys.length === 0 && before.landings === settled.landings) return [settled, all]
  return [{ ...settled, conditions: updateConditions(before, settled, keys) }, all]
}

function take(state: TrafficState, event: TrafficEvent | Wake, nowMs: number): Step {
  switch (event.type) {
    case 'health':
      return takeHealth(state, event.report, nowMs)
    case 'measured': {
      const { ramp, ...measured } = event
      return tellRamp(answered(state, ramp), ramp, { event: measured, nowMs })
    }
    case 'unmeasured': {
      const { ramp, ...unmeasured } = event
      return tellRamp(answered(state, ramp), ramp, { event: unmeasured, nowMs })
    }
    case 'set-state':
      return setState(state, event, nowMs)
    case 'set-shedding':
      return setShedding(state, event, nowMs)
    case 'start-shift':
      return startShift(state, event, nowMs)
    case 'command':
      return commandRamp(state, event, nowMs)
    case 'confirm':
      return confirm(state, event, nowMs)
    case 'wake':
      return [state, []]
  }
}

/** The pools whose origins an operator, or a drain that came to its end, let in or out. */
function touchedPools(before: TrafficState, after: TrafficState): string[] {
  const pools = touchedKeys(before, after).flatMap((key) => {
    const { type, id } = toSubject(key)
    return type === 'pool' ? [id] : (after.plan?.poolOf[id] ?? [])
  })
  return [...new Set(pools)]
}

/** What an operator said something else of, what a ramp moved, and what began or ceased to drain. */
function touchedKeys(before: TrafficState, after: TrafficState): string[] {
  return [
    ...changedKeys(before.overrides, after.overrides),
    ...changedKeys(before.ramps, after.ramps),
    ...changedKeys(before.shedding, after.shedding).map((pool) => `pool:${pool}`),
    ...changedKeys(before.drains, after.drains),
  ]
}

function changedKeys<Value>(
  before: Readonly<Record<string, Value>>,
  after: Readonly<Record<string, Value>>,
): string[] {
  if (before === after) return []
  const keys = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...keys].filter((key) => before[key] !== after[key])
}

/** When traffic wants to be looked at again. */
export function trafficWakeAtMs(state: TrafficState): number | undefined {
  if (state.plan === null) return undefined
  const times = [
    overridesWakeAtMs(state),
    sheddingWakeAtMs(state),
    confirmationsWakeAtMs(state),
    landingsWakeAtMs(state),
    leavingWakeAtMs(state),
    ...Object.values(state.ramps).map(rampWakeAtMs),
  ].filter((atMs) => atMs !== undefined)
  return times.length === 0 ? undefined : Math.min(...times)
}
