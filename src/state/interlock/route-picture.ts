import type { Conditions, RouteCondition } from '../../schema/condition.ts'
import type { Config } from '../../schema/config.ts'
import type { AdminState } from '../../schema/pool.ts'
import { poolSetsOf } from '../../schema/references.ts'
import type { Route } from '../../schema/route.ts'
import type { Steer, WeightedPool } from '../../schema/steer.ts'
import { betweenWeights } from '../ramp/share.ts'

/** What a configuration says of a pool, as far as interlocks look at it; a `Pool` is one. */
export interface PoolShape {
  readonly state: AdminState
  readonly minimumOrigins: number
  readonly balance: { readonly algorithm: string }
  readonly origins: Readonly<
    Record<string, { readonly weight: number; readonly state: AdminState }>
  >
}

/** What it says of a route that steers. */
export interface RouteShape {
  /** Whether the first usable pool takes all, instead of each by its weight. */
  readonly isOrdered: boolean
  readonly members: readonly WeightedPool[]
  readonly fallback: string | undefined
  /** The pool that takes its writes, where that is another matter than its reads. */
  readonly writes: string | undefined
  /** Whether nothing of it is ever shed. */
  readonly isCritical: boolean
  /** Lists of pools of which each needs one that is usable: of a geo route one for every place. */
  readonly places: readonly (readonly string[])[]
}

/** What it says of all of them. */
export interface TrafficShape {
  readonly pools: Readonly<Record<string, PoolShape>>
  readonly routes: Readonly<Record<string, RouteShape>>
}

/** One origin at a moment. */
export interface OriginPicture {
  readonly origin: string
  readonly weight: number
  /** Neither unhealthy, nor draining, nor in maintenance. */
  readonly isUsable: boolean
  readonly sharePercent: number
}

/** One pool at a moment. */
export interface PoolPicture {
  /** Ready, with at least `minimumOrigins` usable origins. */
  readonly isUsable: boolean
  readonly sharePercent: number
  /** New clients that an operator sheds, but of critical routes. */
  readonly shedPercent: number
  /** Whether the first usable origin takes all, instead of each by its weight. */
  readonly isOrdered: boolean
  readonly origins: readonly OriginPicture[]
}

/** Who could serve what at a moment. */
export interface TrafficPicture {
  readonly pools: Readonly<Record<string, PoolPicture>>
  readonly routes: Readonly<Record<string, RouteShape>>
}

/** Takes from a configuration what interlocks look at. */
export function toTrafficShape({ pools, routes }: Config): TrafficShape {
  const steering = Object.entries(routes).flatMap(([id, route]) => {
    const { steer, enabled } = route
    return steer && enabled ? [[id, toRouteShape(steer, route)] as const] : []
  })
  return { pools, routes: Object.fromEntries(steering) }
}

/** What interlocks look at of one policy. */
function toRouteShape(
  steer: Steer,
  { criticality, writes }: Pick<Route, 'criticality' | 'writes'>,
): RouteShape {
  const sets = poolSetsOf(steer).map(({ set }) => set.members)
  return {
    isOrdered: steer.policy === 'failover',
    members: mergeSets(sets),
    fallback: steer.fallback,
    writes: writes?.pool,
    isCritical: criticality === 'critical',
    places: placesOf(steer),
  }
}

/** The writes of a route as a route of their own: their pool, and nobody behind it. */
export function toWritesShape(pool: string, { isCritical }: RouteShape): RouteShape {
  return {
    isOrdered: true,
    members: [{ pool, weight: 1 }],
    fallback: undefined,
    writes: undefined,
    isCritical,
    places: [[pool]],
  }
}

/** The picture of a configuration under the conditions of a moment. */
export function toTrafficPicture(shape: TrafficShape, conditions: Conditions): TrafficPicture {
  const pools = Object.entries(shape.pools).map(
    ([id, pool]) => [id, toPoolPicture(id, pool, conditions)] as const,
  )
  const routes = Object.entries(shape.routes).map(([id, route]) => {
    const shift = conditions.routes[id]
    return [id, shift ? { ...route, members: membersDuring(shift, route.members) } : route] as const
  })
  return { pools: Object.fromEntries(pools), routes: Object.fromEntries(routes) }
}

function toPoolPicture(id: string, pool: PoolShape, conditions: Conditions): PoolPicture {
  const condition = conditions.pools[id]
  const origins = Object.entries(pool.origins).map(([origin, { weight, state }]): OriginPicture => {
    const own = conditions.origins[origin]
    return {
      origin,
      weight,
      isUsable: (own?.state ?? state) === 'ready' && own?.health !== 'unhealthy',
      sharePercent: own?.sharePercent ?? 100,
    }
  })
  const usable = origins.filter(({ isUsable }) => isUsable).length
  const isReady = (condition?.state ?? pool.state) === 'ready' && condition?.health !== 'unhealthy'
  return {
    isUsable: isReady && usable >= pool.minimumOrigins,
    sharePercent: condition?.sharePercent ?? 100,
    shedPercent: condition?.shed?.newPercent ?? 0,
    isOrdered: pool.balance.algorithm === 'failover',
    origins,
  }
}

/** Every pool once; one of several places with its largest weight, as routes are compiled. */
function mergeSets(sets: readonly (readonly WeightedPool[])[]): readonly WeightedPool[] {
  const weights: Record<string, number> = {}
  for (const { pool, weight } of sets.flat()) {
    weights[pool] = Math.max(weight, weights[pool] ?? 0)
  }
  return toMembers(weights)
}

/** Pools by the shares that they have while some clients go by other weights. */
function membersDuring(
  { weights, percent }: RouteCondition,
  members: readonly WeightedPool[],
): readonly WeightedPool[] {
  const configured = Object.fromEntries(members.map(({ pool, weight }) => [pool, weight]))
  return toMembers(betweenWeights(configured, weights, percent))
}

function toMembers(weights: Readonly<Record<string, number>>): readonly WeightedPool[] {
  return Object.entries(weights).map(([pool, weight]) => ({ pool, weight }))
}

function placesOf(steer: Steer): readonly (readonly string[])[] {
  const sets = poolSetsOf(steer).map(({ set }) => set.members.map(({ pool }) => pool))
  if (steer.policy !== 'geo' || steer.spill === 'none') return sets
  const behind = steer.default.members.map(({ pool }) => pool)
  return sets.map((pools) => [...new Set([...pools, ...behind])])
}
