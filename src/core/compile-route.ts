import type { RouteCondition } from '../schema/condition.ts'
import type { Config } from '../schema/config.ts'
import { poolSetsOf } from '../schema/references.ts'
import type { Route } from '../schema/route.ts'
import type { PublishedConditions } from '../schema/snapshot.ts'
import type { Steer } from '../schema/steer.ts'
import { compileOrdering, type Member } from './compile-ordering.ts'
import { freezeDeep } from './freeze.ts'
import type { CompiledRoute, CompiledSteer } from './snapshot.ts'

type Steering = Route & { readonly steer: Steer }

/** Compiles routes of one configuration. */
export type RouteCompiler = (id: string, route: Route, condition?: RouteCondition) => CompiledRoute

/** Makes a compiler of routes: what the pools of the configuration say is looked up once for all of them. */
export function createRouteCompiler({ pools }: Config): RouteCompiler {
  const indexes = new Map(Object.keys(pools).map((id, index) => [id, index]))
  const toIndex = (pool: string | undefined) => (pool === undefined ? undefined : indexes.get(pool))
  const compileSteer = (id: string, route: Steering, condition?: RouteCondition): CompiledSteer => {
    const { steer, mirror } = route
    const members = [...weightsNow(steer, condition)].flatMap(([pool, weight]): Member[] =>
      indexes.has(pool) ? [{ id: pool, weight, location: pools[pool]?.location }] : [],
    )
    return {
      ordering: compileOrdering(`route:${id}`, steer, members),
      pools: members.flatMap((member) => indexes.get(member.id) ?? []),
      isShifting: condition !== undefined,
      fallback: toIndex(steer.fallback),
      mirror: toIndex(mirror?.pool),
    }
  }
  return (id, route, condition) => {
    const { steer } = route
    return { id, route, steer: steer && compileSteer(id, { ...route, steer }, condition) }
  }
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

/**
 * Every pool that a route may use now, with its weight. Where weights are on their way, a pool that they do
 * not name stands by with 0. The places of a geo policy keep their own: no one map of weights can say them.
 */
function weightsNow(
  steer: Steer,
  condition: RouteCondition | undefined,
): ReadonlyMap<string, number> {
  const configured = weightsOf(steer)
  if (condition === undefined || steer.policy === 'geo') return configured
  const standBy = [...configured.keys()].map((pool) => [pool, 0] as const)
  return new Map([...standBy, ...Object.entries(condition.weights)])
}

/** Every pool that a policy names, once, with its weight; a pool of several places has its largest there. */
function weightsOf(steer: Steer): ReadonlyMap<string, number> {
  const weights = new Map<string, number>()
  for (const { set } of poolSetsOf(steer)) {
    for (const { pool, weight } of set.members) {
      weights.set(pool, Math.max(weight, weights.get(pool) ?? 0))
    }
  }
  return weights
}
