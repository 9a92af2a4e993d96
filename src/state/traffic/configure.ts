import type { ProberName } from '../../schema/probe-plan.ts'
import { isRampOver } from '../ramp/state.ts'
import { everySubject, keepsClients, settleDrains } from './drain-times.ts'
import { type Step, type TrafficEffect, chain } from './event.ts'
import { leavingUnder, sinceOf, withLeaving } from './leaving.ts'
import type { TrafficPlan } from './plan.ts'
import { comeBack, settlePools } from './recovery.ts'
import { isSameSplit } from './shifts.ts'
import { configuredState, stateOf } from './standing.ts'
import { type TrafficState, toSubject, withoutEntries } from './state.ts'

/**
 * A configuration comes into force. What it no longer has is forgotten, unless it leaves by draining; ramps on
 * their way keep the settings they began with; what it lets serve again comes back by steps; a shift whose weights
 * it changes is over.
 */
export function configure(state: TrafficState, configured: TrafficPlan, nowMs: number): Step {
  const before = state.plan
  const left = leave(state, configured, nowMs)
  const plan = withLeaving(configured, left.leaving)
  const kept = forget({ ...left, plan }, plan)
  const settled = settleShifts(kept, plan, before)
  const released = before === null ? [] : releasedBy(settled, before, plan)
  return chain(
    settled,
    ...released.map((key) => (current: TrafficState) => {
      const subject = toSubject(key)
      const hasKept = keepsClients(state, subject, nowMs)
      return comeBack(current, { subject, hasKept }, nowMs)
    }),
    (current) => settlePools(current, Object.keys(plan.pools), nowMs),
    (current) => [settleDrains(current, everySubject(current), nowMs), []],
    (current) => [current, rouse(before, plan)],
  )
}

/** Origins that begin to leave go by the configuration alone, whatever was said of them before. */
function leave(state: TrafficState, plan: TrafficPlan, nowMs: number): TrafficState {
  const leaving = leavingUnder(state, plan)
  const since = sinceOf(leaving, state, nowMs)
  if (since === state.leavingSince) return state
  const fresh = Object.keys(leaving).filter((id) => !Object.hasOwn(state.leaving, id))
  const keys = fresh.map((id) => `origin:${id}`)
  return {
    ...state,
    serial: state.serial + 1,
    leaving,
    leavingSince: since,
    overrides: withoutEntries(state.overrides, keys),
    ramps: withoutEntries(state.ramps, keys),
  }
}

function forget(state: TrafficState, plan: TrafficPlan): TrafficState {
  const isGone = (key: string) => configuredState(plan, toSubject(key)) === undefined
  const goneIn = (record: Readonly<Record<string, unknown>>) => Object.keys(record).filter(isGone)
  const origins = Object.keys(state.origins).filter((id) => !Object.hasOwn(plan.poolOf, id))
  const hasPool = (id: string) => Object.hasOwn(plan.pools, id)
  const down = Object.keys(state.down).filter((id) => !hasPool(id))
  const shedding = Object.keys(state.shedding).filter((id) => !hasPool(id))
  const ramps = Object.values(state.ramps).filter(({ id, use }) => use !== 'shift' && isGone(id))
  return {
    ...state,
    origins: withoutEntries(state.origins, origins),
    down: withoutEntries(state.down, down),
    overrides: withoutEntries(state.overrides, goneIn(state.overrides)),
    shedding: withoutEntries(state.shedding, shedding),
    ramps: withoutEntries(
      state.ramps,
      ramps.map(({ id }) => id),
    ),
  }
}

function settleShifts(
  state: TrafficState,
  plan: TrafficPlan,
  before: TrafficPlan | null,
): TrafficState {
  const hasChanged = (route: string): boolean => {
    const weights = plan.routes[route]?.weights
    if (weights === undefined) return true
    const old = before?.routes[route]?.weights
    return old !== undefined && !isSameSplit(old, weights)
  }
  const over = Object.values(state.ramps).filter(
    (ramp) => ramp.use === 'shift' && !isRampOver(ramp) && hasChanged(ramp.subject.id),
  )
  const ended = over.map((ramp) => {
    const cause = 'the configuration has other weights for the route'
    return [ramp.id, { ...ramp, phase: 'aborted' as const, percent: 0, cause }] as const
  })
  const landed = Object.entries(state.landings).filter(([, { route, weights }]) => {
    const now = plan.routes[route]?.weights
    return hasChanged(route) || (now !== undefined && isSameSplit(now, weights))
  })
  return {
    ...state,
    ramps: ended.length === 0 ? state.ramps : { ...state.ramps, ...Object.fromEntries(ended) },
    landings: withoutEntries(
      state.landings,
      landed.map(([id]) => id),
    ),
  }
}

/** What was kept out by the configuration before, and by nothing now. */
function releasedBy(state: TrafficState, before: TrafficPlan, plan: TrafficPlan): string[] {
  const keys = [
    ...Object.keys(plan.poolOf).map((id) => `origin:${id}`),
    ...Object.keys(plan.pools).map((id) => `pool:${id}`),
  ]
  const earlier = { ...state, plan: before }
  return keys.filter((key) => {
    const subject = toSubject(key)
    const was = configuredState(before, subject)
    if (was === undefined || was === configuredState(plan, subject)) return false
    return stateOf(earlier, subject) !== 'ready' && stateOf(state, subject) === 'ready'
  })
}

/** Probers of both configurations: one that has nothing left to probe has to hear of it too. */
function rouse(before: TrafficPlan | null, plan: TrafficPlan): TrafficEffect[] {
  const names = new Map<string, ProberName>()
  for (const name of [...(before?.probers ?? []), ...plan.probers]) {
    names.set(`${name.region}.${name.shard}`, name)
  }
  if (names.size === 0) return []
  return [{ type: 'rouse', revision: plan.revision, probers: [...names.values()] }]
}
