import type { Writes } from '../schema/affinity.ts'
import type { PublishedRouteCondition } from '../schema/condition.ts'
import type { Config } from '../schema/config.ts'
import { poolSetsOf } from '../schema/references.ts'
import type { Route } from '../schema/route.ts'
import type { PublishedConditions } from '../schema/snapshot.ts'
import type { Steer } from '../schema/steer.ts'
import { compileLimits } from './compile-limits.ts'
import { compileOrdering } from './compile-ordering.ts'
import { freezeDeep } from './freeze.ts'
import { hashText } from './kernel/hash.ts'
import type { CompiledRoute, CompiledShift, CompiledSteer, Ordering } from './snapshot.ts'

type Steering = Pick<Route, 'mirror'> & { readonly steer: Steer }

/** Compiles routes of one configuration. */
export type RouteCompiler = (
  id: string,
  route: Route,
  condition?: PublishedRouteCondition,
) => CompiledRoute

/** Makes a compiler of routes: what the pools of the configuration say is looked up once for all of them. */
export function createRouteCompiler({ pools }: Config): RouteCompiler {
  const indexes = new Map(Object.keys(pools).map((id, index) => [id, index]))
  const toIndex = (pool: string | undefined) => (pool === undefined ? undefined : indexes.get(pool))
  const compileSteer = (
    id: string,
    { steer, mirror }: Steering,
    condition?: PublishedRouteCondition,
  ): CompiledSteer => {
    const configured = weightsOf(steer)
    const target = targetOf(steer, condition)
    const named = new Set([...configured.keys(), ...(target?.weights.keys() ?? [])])
    const members = [...named].filter((pool) => indexes.has(pool))
    const order = (weights: Weights) => {
      const weighted = members.map((pool) => {
        return { id: pool, weight: weights.get(pool) ?? 0, location: pools[pool]?.location }
      })
      return compileOrdering(`route:${id}`, steer, weighted)
    }
    return {
      ordering: order(configured),
      pools: members.flatMap((pool) => indexes.get(pool) ?? []),
      shift: target && toShift(id, order(target.weights), target.percent),
      fallback: toIndex(steer.fallback),
      mirror: toIndex(mirror?.pool),
    }
  }
  return (id, route, condition) => {
    const { steer, mirror, writes } = route
    return {
      id,
      route,
      steer: steer && compileSteer(id, { steer, mirror }, condition),
      writes: writes && compileSteer(id, { steer: toWriter(writes), mirror }),
      limits: compileLimits(id, route),
      isPlain: isPlain(route),
    }
  }
}

/** Writes have one place to go: their pool, and no reader behind it. */
function toWriter({ pool }: Writes): Steer {
  const set = { ordered: true, members: [{ pool, weight: 1 }] }
  return { policy: 'failover', pools: set }
}

function isPlain({ affinity, writes, concurrency, rateLimits, cache }: Route): boolean {
  const isCached = cache !== undefined && cache.mode !== 'off'
  const isLimited = concurrency !== undefined || Object.keys(rateLimits).length > 0
  return !affinity && !writes && !isLimited && !isCached
}

/**
 * The routes under the conditions of the moment: those whose weights are on their way are compiled anew, the
 * others are the very ones of the configuration.
 */
export function compileShifts(
  routes: readonly CompiledRoute[],
  config: Config,
  { routes: conditions = {} }: PublishedConditions,
): readonly CompiledRoute[] {
  if (Object.keys(conditions).length === 0) return routes
  const compileRoute = createRouteCompiler(config)
  const shifted = routes.map((compiled) => {
    const { id, route } = compiled
    const condition = conditions[id]
    return condition && route.steer ? freezeDeep(compileRoute(id, route, condition)) : compiled
  })
  return Object.freeze(shifted)
}

type Weights = ReadonlyMap<string, number>

interface Target {
  readonly weights: Weights
  readonly percent: number
}

/** Where weights are on their way to. The places of a geo policy keep their own: no one map can say them. */
function targetOf(
  steer: Steer,
  condition: PublishedRouteCondition | undefined,
): Target | undefined {
  if (condition === undefined || steer.policy === 'geo') return undefined
  const { weights, percent = 100 } = condition
  return { weights: new Map(Object.entries(weights)), percent }
}

/**
 * Both orderings have every pool that either names: one that only the other names stands by with weight 0. They
 * draw by the same salt, so that landing moves nobody, and take turns apart: credits of other weights mean nothing.
 */
function toShift(id: string, { group, ...ordering }: Ordering, percent: number): CompiledShift {
  const name = `shift:${id}`
  return { ordering: { ...ordering, group: { ...group, id: name } }, percent, hash: hashText(name) }
}

/** Every pool that a policy names, once, with its weight; a pool of several places has its largest there. */
function weightsOf(steer: Steer): Weights {
  const weights = new Map<string, number>()
  for (const { set } of poolSetsOf(steer)) {
    for (const { pool, weight } of set.members) {
      weights.set(pool, Math.max(weight, weights.get(pool) ?? 0))
    }
  }
  return weights
}
