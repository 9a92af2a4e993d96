import type { Confirmation, OriginView, PoolView, RampView } from '../../schema/traffic.ts'
import { toRampView } from '../ramp/view.ts'
import { type DrainTimes, drainOf } from './drain-times.ts'
import { rampOf, shareOf, stateOf, usableOrigins } from './standing.ts'
import {
  type HeldOverride,
  type HeldShedding,
  type PendingConfirmation,
  type TrafficState,
  toKey,
} from './state.ts'

/** An origin as it stands; undefined when the configuration has none of that name. */
export function toOriginView(
  state: TrafficState,
  id: string,
  nowMs: number,
): OriginView | undefined {
  const subject = { type: 'origin', id } as const
  const pool = state.plan?.poolOf[id]
  const plan = pool === undefined ? undefined : state.plan?.pools[pool]?.origins[id]
  if (pool === undefined || plan === undefined) return undefined
  const { health, evidence, sinceMs, holdsUntilMs } = state.origins[id] ?? UNKNOWN
  const ramp = rampOf(state, subject)
  return {
    id,
    pool,
    url: plan.url,
    weight: plan.weight,
    health,
    evidence,
    sinceMs,
    ...(holdsUntilMs !== undefined && { holdsUntilMs }),
    state: stateOf(state, subject),
    ...overrideIn(state.overrides[toKey(subject)]),
    ...drainIn(drainOf(state, subject)),
    ...(Object.hasOwn(state.leaving, id) && { isRemoved: true }),
    sharePercent: shareOf(state, subject),
    poolSharePercent: shareOf(state, { type: 'pool', id: pool }),
    ...(ramp && { ramp: toRampView(ramp, nowMs) }),
  }
}

const UNKNOWN = {
  health: 'unknown',
  evidence: 'nothing was seen of it yet',
  sinceMs: 0,
  holdsUntilMs: undefined,
} as const

/** A pool as it stands; undefined when the configuration has none of that name. */
export function toPoolView(state: TrafficState, id: string, nowMs: number): PoolView | undefined {
  const subject = { type: 'pool', id } as const
  const plan = state.plan?.pools[id]
  if (plan === undefined) return undefined
  const ramp = rampOf(state, subject)
  const origins = Object.keys(plan.origins)
  const leaving = origins.filter((origin) => Object.hasOwn(state.leaving, origin))
  return {
    id,
    origins: origins.filter((origin) => !leaving.includes(origin)),
    ...(leaving.length > 0 && { leaving }),
    usable: usableOrigins(state, id).length,
    minimumOrigins: plan.minimumOrigins,
    isDown: Object.hasOwn(state.down, id),
    state: stateOf(state, subject),
    ...overrideIn(state.overrides[toKey(subject)]),
    ...sheddingIn(state.shedding[id]),
    ...drainIn(drainOf(state, subject)),
    sharePercent: shareOf(state, subject),
    ...(ramp && { ramp: toRampView(ramp, nowMs) }),
  }
}

function overrideIn(held: HeldOverride | undefined): Pick<OriginView, 'override'> {
  if (held === undefined) return {}
  const { serial: _, hasBegun: __, isForced: ___, isPostponed: ____, ...override } = held
  return { override }
}

function sheddingIn(held: HeldShedding | undefined): Pick<PoolView, 'shedding'> {
  if (held === undefined) return {}
  const { serial: _, ...shedding } = held
  return { shedding }
}

function drainIn(drain: DrainTimes | undefined): Pick<OriginView, 'drain'> {
  return drain === undefined ? {} : { drain }
}

/** Every ramp that runs, or ended of late; the latest first. */
export function toRampViews({ ramps }: TrafficState, nowMs: number): RampView[] {
  return Object.values(ramps)
    .toSorted((left, right) => right.startedAtMs - left.startedAtMs)
    .map((ramp) => toRampView(ramp, nowMs))
}

/** A change that waits to be confirmed, as the API shows it. */
export function toConfirmation({ id, action, by, dueAtMs }: PendingConfirmation): Confirmation {
  return { id, action, by, dueAtMs }
}

/** One page of ids in their order, and the id after which the next one starts. */
export function pageOf(
  ids: readonly string[],
  { after, limit }: { readonly after?: string | undefined; readonly limit: number },
): { readonly ids: readonly string[]; readonly next?: string } {
  const rest = ids.toSorted().filter((id) => after === undefined || id > after)
  const page = rest.slice(0, limit)
  const last = page.at(-1)
  return rest.length > limit && last !== undefined ? { ids: page, next: last } : { ids: page }
}
