import type { Config } from '../../schema/config.ts'
import type { Interlocks } from '../../schema/interlock.ts'
import type { AdminState, Origin } from '../../schema/pool.ts'
import type { ProberName } from '../../schema/probe-plan.ts'
import type { Failback, HoldDown, Ramp } from '../../schema/ramp.ts'
import { poolSetsOf } from '../../schema/references.ts'
import type { Steer } from '../../schema/steer.ts'
import { toProbers } from '../prober/plan.ts'
import { type TrafficShape, toTrafficShape } from '../interlock/route-picture.ts'

/** A pool, as far as moving traffic needs it. */
export interface PoolPlan {
  readonly origins: Readonly<Record<string, OriginPlan>>
  readonly state: AdminState
  readonly minimumOrigins: number
  /** By which ramp its origins or all of it come back; undefined: at once. */
  readonly recovery: Ramp | undefined
  readonly failback: Failback
  readonly holdDown: HoldDown
  /** How long clients that are bound to what drains stay there. */
  readonly drainTimeout: number
  /** Whether an origin that a revision removes drains first. */
  readonly drainRemoved: boolean
}

/** An origin, as far as moving traffic needs it. */
export interface OriginPlan {
  readonly url: string
  readonly weight: number
  readonly state: AdminState
  /** All that the configuration says of it. */
  readonly settings: Origin
}

/** A route that steers. */
export interface RoutePlan {
  /** Every pool that its policy may use, its fallback included. */
  readonly pools: readonly string[]
  /** The pool that takes its writes, where it has one of their own. */
  readonly writes: string | undefined
  /** Pool to weight, where it has one map of weights; otherwise there is nothing to shift. */
  readonly weights: Readonly<Record<string, number>> | undefined
}

/** What a configuration says about moving traffic. */
export interface TrafficPlan {
  readonly revision: number
  readonly pools: Readonly<Record<string, PoolPlan>>
  readonly poolOf: Readonly<Record<string, string>>
  readonly routes: Readonly<Record<string, RoutePlan>>
  /** The ids of the routes that may use a pool. */
  readonly routesOf: ReadonlyMap<string, readonly string[]>
  readonly ramps: Readonly<Record<string, Ramp>>
  readonly interlocks: Interlocks
  /** What interlocks look at. */
  readonly shape: TrafficShape
  readonly probers: readonly ProberName[]
}

/** Takes from a configuration what moving traffic needs. */
export function toTrafficPlan(config: Config, revision: number): TrafficPlan {
  const pools = Object.entries(config.pools).map(([id, pool]): [string, PoolPlan] => {
    const { state, minimumOrigins, failback, holdDown, drainTimeout, drainRemoved } = pool
    const recovery = pool.recovery === undefined ? undefined : config.ramps[pool.recovery]
    const origins = Object.fromEntries(
      Object.entries(pool.origins).map(([origin, settings]) => [origin, toOriginPlan(settings)]),
    )
    const drain = { drainTimeout, drainRemoved }
    return [id, { origins, state, minimumOrigins, recovery, failback, holdDown, ...drain }]
  })
  const poolOf = pools.flatMap(([pool, { origins }]) =>
    Object.keys(origins).map((origin): [string, string] => [origin, pool]),
  )
  const routes = Object.entries(config.routes).flatMap(([id, route]): [string, RoutePlan][] =>
    route.steer && route.enabled ? [[id, toRoutePlan(route.steer, route.writes?.pool)]] : [],
  )
  return {
    revision,
    pools: Object.fromEntries(pools),
    poolOf: Object.fromEntries(poolOf),
    routes: Object.fromEntries(routes),
    routesOf: toRoutesOf(routes),
    ramps: config.ramps,
    interlocks: config.interlocks,
    shape: toTrafficShape(config),
    probers: toProbers(config),
  }
}

/** What moving traffic needs of an origin. */
export function toOriginPlan(settings: Origin): OriginPlan {
  const { url, weight, state } = settings
  return { url, weight, state, settings }
}

function toRoutesOf(routes: readonly [string, RoutePlan][]): ReadonlyMap<string, string[]> {
  const routesOf = new Map<string, string[]>()
  for (const [id, { pools, writes = [] }] of routes) {
    for (const pool of new Set(pools.concat(writes))) {
      const known = routesOf.get(pool)
      if (known) known.push(id)
      else routesOf.set(pool, [id])
    }
  }
  return routesOf
}

function toRoutePlan(steer: Steer, writes: string | undefined): RoutePlan {
  const pools = new Set<string>()
  for (const { set } of poolSetsOf(steer)) for (const { pool } of set.members) pools.add(pool)
  if (steer.fallback !== undefined) pools.add(steer.fallback)
  return { pools: [...pools], writes, weights: weightsOf(steer) }
}

/** A policy of one set by weight has weights; a list in order has not, except where only weights count. */
function weightsOf(steer: Steer): Readonly<Record<string, number>> | undefined {
  if (steer.policy === 'geo') return undefined
  const set = steer.policy === 'weighted' ? steer.weights : steer.pools
  if (set.ordered && steer.policy !== 'weighted') return undefined
  return Object.fromEntries(set.members.map(({ pool, weight }) => [pool, weight]))
}

/** The plan with other weights for one route. */
export function withRouteWeights(
  plan: TrafficPlan,
  route: string,
  weights: Readonly<Record<string, number>>,
): TrafficPlan {
  const known = plan.routes[route]
  const shape = plan.shape.routes[route]
  if (known === undefined || shape === undefined) return plan
  const pools = [...new Set([...known.pools, ...Object.keys(weights)])]
  const members = Object.entries(weights).map(([pool, weight]) => ({ pool, weight }))
  const places = [members.map(({ pool }) => pool)]
  return {
    ...plan,
    routes: { ...plan.routes, [route]: { ...known, pools, weights } },
    shape: {
      ...plan.shape,
      routes: { ...plan.shape.routes, [route]: { ...shape, members, places } },
    },
  }
}

/**
 * Pools that some route names together with this one: where its traffic is while it has none. Those that read
 * are nothing to compare the one with that takes the writes.
 */
export function poolsBeside({ routes, routesOf }: TrafficPlan, pool: string): string[] {
  const beside = new Set<string>()
  for (const route of routesOf.get(pool) ?? []) {
    const pools = routes[route]?.pools ?? []
    if (pools.includes(pool)) for (const other of pools) beside.add(other)
  }
  beside.delete(pool)
  return [...beside]
}
