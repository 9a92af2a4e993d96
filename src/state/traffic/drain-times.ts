import type { RampSubject } from '../../schema/traffic.ts'
import { stateOf } from './standing.ts'
import { type Drain, type TrafficState, toKey, toSubject, withChanges } from './state.ts'

/** Since when something drains, and until when the clients that are bound to it stay. */
export interface DrainTimes {
  readonly fromMs: number
  readonly untilMs: number
}

/** The times of a drain that has begun; undefined for what does not drain, or is still on its way by steps. */
export function drainOf(state: TrafficState, subject: RampSubject): DrainTimes | undefined {
  const drain = state.drains[toKey(subject)]
  const pool = poolOf(state, subject)
  if (drain === undefined || pool === undefined) return undefined
  return { fromMs: drain.fromMs, untilMs: drain.fromMs + pool.drainTimeout }
}

/** Whether clients that are bound to it are still let stay. */
export function keepsClients(state: TrafficState, subject: RampSubject, nowMs: number): boolean {
  const drain = drainOf(state, subject)
  return drain !== undefined && drain.untilMs > nowMs
}

/**
 * Notes the beginning of every drain among these subjects, and forgets those that are over. Its end follows from
 * the configuration in force, so that an operator can give it more time. The same value when nothing changes.
 */
export function settleDrains(
  state: TrafficState,
  keys: readonly string[],
  nowMs: number,
): TrafficState {
  const changes = new Map<string, Drain | undefined>()
  for (const key of new Set([...keys, ...Object.keys(state.drains)])) {
    const known = state.drains[key]
    const subject = toSubject(key)
    const drains = poolOf(state, subject) !== undefined && stateOf(state, subject) === 'drain'
    // A beginning that lies ahead is one that the clock has jumped back from: it would hold too long.
    const isDated = known !== undefined && known.fromMs <= nowMs
    if (drains && !isDated) changes.set(key, { fromMs: nowMs })
    if (!drains && known !== undefined) changes.set(key, undefined)
  }
  return changes.size === 0 ? state : { ...state, drains: withChanges(state.drains, changes) }
}

/** Every origin and pool of the configuration, by key. */
export function everySubject({ plan }: TrafficState): string[] {
  if (plan === null) return []
  return [
    ...Object.keys(plan.poolOf).map((id) => `origin:${id}`),
    ...Object.keys(plan.pools).map((id) => `pool:${id}`),
  ]
}

function poolOf({ plan }: TrafficState, { type, id }: RampSubject) {
  if (type === 'route') return undefined
  return plan?.pools[type === 'pool' ? id : (plan.poolOf[id] ?? '')]
}
