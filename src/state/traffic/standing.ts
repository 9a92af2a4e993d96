import type { AdminState } from '../../schema/pool.ts'
import type { RampSubject } from '../../schema/traffic.ts'
import { sharePercentOf } from '../ramp/share.ts'
import { isRampOver, type RampState } from '../ramp/state.ts'
import type { TrafficPlan } from './plan.ts'
import { toKey, type HeldOverride, type TrafficState } from './state.ts'

/** What an operator said that holds now. */
export function overrideOf(state: TrafficState, subject: RampSubject): HeldOverride | undefined {
  const held = state.overrides[toKey(subject)]
  return held?.hasBegun ? held : undefined
}

/** What the configuration says; undefined when it has no such subject. */
export function configuredState(
  plan: TrafficPlan,
  { type, id }: RampSubject,
): AdminState | undefined {
  if (type === 'pool') return plan.pools[id]?.state
  if (type === 'route') return undefined
  return plan.pools[plan.poolOf[id] ?? '']?.origins[id]?.state
}

/** The admin state in force: of a drain on its way still "ready". */
export function stateOf(state: TrafficState, subject: RampSubject): AdminState {
  const ramp = state.ramps[toKey(subject)]
  if (ramp?.use === 'drain' && !isRampOver(ramp)) return 'ready'
  const said = overrideOf(state, subject)?.state
  return said ?? (state.plan ? configuredState(state.plan, subject) : undefined) ?? 'ready'
}

/** The share that a ramp leaves to its subject, 0 to 100. */
export function shareOf(state: TrafficState, subject: RampSubject): number {
  const ramp = state.ramps[toKey(subject)]
  return ramp === undefined || isRampOver(ramp) ? 100 : sharePercentOf(ramp)
}

/** The ramp of a subject, unless it is over. */
export function rampOf(state: TrafficState, subject: RampSubject): RampState | undefined {
  const ramp = state.ramps[toKey(subject)]
  return ramp && !isRampOver(ramp) ? ramp : undefined
}

/** Whether an origin may serve, as far as health and operators go. */
export function isUsable(state: TrafficState, origin: string): boolean {
  if (state.origins[origin]?.health === 'unhealthy') return false
  return stateOf(state, { type: 'origin', id: origin }) === 'ready'
}

/** The origins of a pool that may serve, its own state aside. */
export function usableOrigins(state: TrafficState, pool: string): string[] {
  const origins = Object.keys(state.plan?.pools[pool]?.origins ?? {})
  return origins.filter((origin) => isUsable(state, origin))
}

/** Whether a pool takes its whole part of the traffic: what it moves is compared with it. */
export function isSteady(state: TrafficState, pool: string): boolean {
  const subject = { type: 'pool', id: pool } as const
  if (Object.hasOwn(state.down, pool) || stateOf(state, subject) !== 'ready') return false
  return rampOf(state, subject) === undefined
}

/** Whether a pool may serve anybody new: let by operators, and with as many usable origins as it wants. */
export function isServing(state: TrafficState, pool: string): boolean {
  const plan = state.plan?.pools[pool]
  if (plan === undefined || stateOf(state, { type: 'pool', id: pool }) !== 'ready') return false
  if ((state.shedding[pool]?.shed.newPercent ?? 0) >= 100) return false
  return usableOrigins(state, pool).length >= plan.minimumOrigins
}

/** Routes that nothing would serve any more, or whose writes nothing would, if one state of traffic became another, told by the pool concerned. */
export function routesLost(before: TrafficState, after: TrafficState, pool: string): string[] {
  if (!isServing(before, pool) || isServing(after, pool)) return []
  const routes = after.plan?.routesOf.get(pool) ?? []
  return routes.filter((route) => {
    const { pools = [], writes } = after.plan?.routes[route] ?? {}
    if (writes === pool) return true
    return !pools.some((other) => isServing(after, other))
  })
}
