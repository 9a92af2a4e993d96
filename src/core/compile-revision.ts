import type { Config } from '../schema/config.ts'
import { poolSetsOf } from '../schema/references.ts'
import type { Route } from '../schema/route.ts'
import type { SnapshotDocument } from '../schema/snapshot.ts'
import type { Steer } from '../schema/steer.ts'
import { compileOrdering } from './compile-ordering.ts'
import { freezeDeep } from './freeze.ts'
import { compileMatches } from './match/compile.ts'
import { needsOf } from './match/needs.ts'
import type { CompiledRevision, CompiledRoute, CompiledSteer, Needs } from './snapshot.ts'

/** Compiles what follows from a revision alone: the match table, the policies and what they read. */
export function compileRevision(document: SnapshotDocument): CompiledRevision {
  const { config } = document
  const { table, order } = compileMatches(config.routes)
  const poolIndexes = new Map(Object.keys(config.pools).map((id, index) => [id, index]))
  const routes = order.flatMap((id) => {
    const route = config.routes[id]
    return route ? [compileRoute(id, route, { config, poolIndexes })] : []
  })
  return {
    form: document.form,
    settings: freezeDeep(config.settings),
    table,
    routes: freezeDeep(routes),
    needs: freezeDeep(needsOfAll(config, routes)),
  }
}

interface Surroundings {
  readonly config: Config
  readonly poolIndexes: ReadonlyMap<string, number>
}

function compileRoute(id: string, route: Route, around: Surroundings): CompiledRoute {
  const steer = route.steer && compileSteer(id, { ...route, steer: route.steer }, around)
  return { id, route, steer }
}

function compileSteer(
  id: string,
  route: Route & { readonly steer: Steer },
  { config, poolIndexes }: Surroundings,
): CompiledSteer {
  const { steer } = route
  const members = [...weightsOf(steer)].map(([pool, weight]) => ({
    id: pool,
    weight,
    location: config.pools[pool]?.location,
  }))
  const toIndex = (pool: string | undefined) =>
    pool === undefined ? undefined : poolIndexes.get(pool)
  return {
    ordering: compileOrdering(`route:${id}`, steer, members),
    pools: members.flatMap((member) => poolIndexes.get(member.id) ?? []),
    fallback: toIndex(steer.fallback),
    mirror: toIndex(route.mirror?.pool),
  }
}

/** Every pool that a policy names, once, with its weight; a pool of several places has its largest there. */
function weightsOf(steer: Steer): Map<string, number> {
  const weights = new Map<string, number>()
  for (const { set } of poolSetsOf(steer)) {
    for (const { pool, weight } of set.members) {
      weights.set(pool, Math.max(weight, weights.get(pool) ?? 0))
    }
  }
  return weights
}

function needsOfAll(config: Config, routes: readonly CompiledRoute[]): Needs {
  const matched = needsOf(config.routes)
  const keys = [
    ...routes.flatMap(({ steer }) => steer?.ordering.key ?? []),
    ...Object.values(config.pools).flatMap(({ balance }) => ('key' in balance ? balance.key : [])),
  ]
  const named = keys.filter((key) => typeof key === 'object')
  const sessions = keys.includes('session') ? [config.settings.sessionCookie] : []
  return {
    headers: unique([
      ...matched.headers,
      ...named.flatMap((key) => ('header' in key ? key.header : [])),
    ]),
    cookies: unique([
      ...matched.cookies,
      ...sessions,
      ...named.flatMap((key) => ('cookie' in key ? key.cookie : [])),
    ]),
    query: unique([...matched.query, ...named.flatMap((key) => ('query' in key ? key.query : []))]),
  }
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)]
}
