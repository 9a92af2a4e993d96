import type { Config } from '../../schema/config.ts'
import { CONFIG_LIMITS } from '../../schema/config-limits.ts'
import { type Origin, POOL_LIMITS } from '../../schema/pool.ts'
import { drainOf } from './drain-times.ts'
import type { Step } from './event.ts'
import { notice } from './notice.ts'
import { type TrafficPlan, toOriginPlan } from './plan.ts'
import { stateOf } from './standing.ts'
import { type Leaving, type TrafficState, toKey, withoutEntries } from './state.ts'

type LeavingOrigins = TrafficState['leaving']

/**
 * The origins that leave when this plan comes into force: those that it does not have any more and whose pool
 * lets them drain first. One that it has again does not leave; one whose pool is gone, or says otherwise by now,
 * is gone too. What would be more than a configuration may have is not kept.
 */
export function leavingUnder(state: TrafficState, plan: TrafficPlan): LeavingOrigins {
  const kept: Record<string, Leaving> = {}
  const room = { all: CONFIG_LIMITS.origins - Object.keys(plan.poolOf).length, ofPool: new Map() }
  for (const [id, leaving] of [...Object.entries(state.leaving), ...removedBy(state, plan)]) {
    const isBack = Object.hasOwn(plan.poolOf, id)
    if (isBack || plan.pools[leaving.pool]?.drainRemoved !== true) continue
    if (takesPlace(plan, leaving.pool, room)) kept[id] = leaving
  }
  return kept
}

/** Origins of the plan before that the next one does not have, and that still serve somebody. */
function removedBy(state: TrafficState, plan: TrafficPlan): [string, Leaving][] {
  return Object.entries(state.plan?.poolOf ?? {}).flatMap(([id, pool]): [string, Leaving][] => {
    const settings = state.plan?.pools[pool]?.origins[id]?.settings
    const isKnown = Object.hasOwn(plan.poolOf, id) || Object.hasOwn(state.leaving, id)
    if (isKnown || settings === undefined) return []
    const isOut = stateOf(state, { type: 'origin', id }) === 'maintenance'
    return isOut ? [] : [[id, { pool, origin: { ...settings, state: 'drain' } }]]
  })
}

interface Room {
  all: number
  readonly ofPool: Map<string, number>
}

function takesPlace({ pools }: TrafficPlan, pool: string, room: Room): boolean {
  const own = Object.keys(pools[pool]?.origins ?? {}).length
  const left = room.ofPool.get(pool) ?? POOL_LIMITS.origins - own
  if (left <= 0 || room.all <= 0) return false
  room.all -= 1
  room.ofPool.set(pool, left - 1)
  return true
}

/** The plan with those that leave among the origins of their pools, draining: everything else follows from that. */
export function withLeaving(plan: TrafficPlan, leaving: LeavingOrigins): TrafficPlan {
  const leavers = byPool(leaving)
  if (leavers.size === 0) return plan
  const pools = { ...plan.pools }
  const poolOf = { ...plan.poolOf }
  for (const [pool, origins] of leavers) {
    const known = pools[pool]
    if (known === undefined) continue
    const plans = origins.map(([id, origin]) => [id, toOriginPlan(origin)] as const)
    pools[pool] = { ...known, origins: { ...known.origins, ...Object.fromEntries(plans) } }
    for (const [id] of origins) poolOf[id] = pool
  }
  return { ...plan, pools, poolOf }
}

/** The configuration as edges have it: with those that leave, draining. */
export function toPublished(config: Config, leaving: LeavingOrigins): Config {
  const pools = { ...config.pools }
  for (const [pool, origins] of byPool(leaving)) {
    const known = pools[pool]
    if (known === undefined) continue
    pools[pool] = { ...known, origins: { ...known.origins, ...Object.fromEntries(origins) } }
  }
  return { ...config, pools }
}

/** One step for each pool and not for each origin: thousands may leave at once. */
function byPool(leaving: LeavingOrigins): Map<string, [string, Origin][]> {
  const pools = new Map<string, [string, Origin][]>()
  for (const [id, { pool, origin }] of Object.entries(leaving)) {
    const known = pools.get(pool)
    if (known) known.push([id, origin])
    else pools.set(pool, [[id, origin]])
  }
  return pools
}

/** Names what leaves: edges compile anew when that is another. */
export function sinceOf(leaving: LeavingOrigins, state: TrafficState, nowMs: number): string {
  const ids = Object.keys(leaving)
  if (ids.length === 0) return ''
  const isSame =
    ids.length === Object.keys(state.leaving).length &&
    ids.every((id) => Object.hasOwn(state.leaving, id))
  // With the time beside the number, since a deployment that begins anew counts from the beginning.
  return isSame ? state.leavingSince : `${nowMs.toString(36)}-${state.serial}`
}

/** Lets those go whose time is over, or whom an operator took out at once. */
export function letGo(state: TrafficState, nowMs: number): Step {
  const over = Object.keys(state.leaving).filter((id) => {
    const subject = { type: 'origin', id } as const
    const untilMs = drainOf(state, subject)?.untilMs
    if (stateOf(state, subject) === 'maintenance') return true
    return untilMs !== undefined && untilMs <= nowMs
  })
  if (over.length === 0) return [state, []]
  const effects = over.map((id) => {
    const subject = { type: 'origin', id } as const
    const title = `origin ${id} has left: it was removed, and its drain is over`
    const news = { kind: 'configuration', severity: 'info', subject, title, text: '' } as const
    return notice(state, { ...news, dedupKey: `leaving:${id}`, resolves: false }, nowMs)
  })
  return [without(state, over, nowMs), effects]
}

function without(state: TrafficState, ids: readonly string[], nowMs: number): TrafficState {
  const leaving = withoutEntries(state.leaving, ids)
  const numbered = { ...state, serial: state.serial + 1 }
  return {
    ...forgetOrigins(numbered, ids),
    leaving,
    leavingSince: sinceOf(leaving, numbered, nowMs),
    plan: state.plan && planWithout(state.plan, ids),
  }
}

/** Traffic as if nothing had ever been said of these origins. */
function forgetOrigins(state: TrafficState, ids: readonly string[]): TrafficState {
  const keys = ids.map((id) => toKey({ type: 'origin', id }))
  return {
    ...state,
    origins: withoutEntries(state.origins, ids),
    overrides: withoutEntries(state.overrides, keys),
    ramps: withoutEntries(state.ramps, keys),
    drains: withoutEntries(state.drains, keys),
  }
}

function planWithout(plan: TrafficPlan, ids: readonly string[]): TrafficPlan {
  const pools = { ...plan.pools }
  for (const pool of new Set(ids.map((id) => plan.poolOf[id] ?? ''))) {
    const known = pools[pool]
    if (known) pools[pool] = { ...known, origins: withoutEntries({ ...known.origins }, ids) }
  }
  return { ...plan, pools, poolOf: withoutEntries({ ...plan.poolOf }, ids) }
}

/** When the next of them goes. */
export function leavingWakeAtMs(state: TrafficState): number | undefined {
  const times = Object.keys(state.leaving).flatMap(
    (id) => drainOf(state, { type: 'origin', id })?.untilMs ?? [],
  )
  return times.length === 0 ? undefined : Math.min(...times)
}
