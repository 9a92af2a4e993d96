import type { Config } from '../schema/config.ts'
import type { SnapshotDocument } from '../schema/snapshot.ts'
import { createRouteCompiler } from './compile-route.ts'
import { freezeDeep } from './freeze.ts'
import { compileMatches } from './match/compile.ts'
import { needsOf } from './match/needs.ts'
import type { CompiledRevision, CompiledRoute, Needs, OriginPlace } from './snapshot.ts'

/** Compiles what follows from a revision alone: the match table, the policies and what they read. */
export function compileRevision(document: SnapshotDocument): CompiledRevision {
  const { config } = document
  const { table, order } = compileMatches(config.routes)
  const compileRoute = createRouteCompiler(config)
  const routes = order.flatMap((id) => {
    const route = config.routes[id]
    return route ? [compileRoute(id, route)] : []
  })
  return {
    form: document.form,
    settings: freezeDeep(config.settings),
    table,
    routes: freezeDeep(routes),
    needs: freezeDeep(needsOfAll(config, routes)),
    places: placesOf(config),
  }
}

function placesOf({ pools }: Config): ReadonlyMap<string, OriginPlace> {
  const places = new Map<string, OriginPlace>()
  for (const [pool, { origins }] of Object.values(pools).entries()) {
    for (const [position, id] of Object.keys(origins).entries()) places.set(id, { pool, position })
  }
  return places
}

function needsOfAll(config: Config, routes: readonly CompiledRoute[]): Needs {
  const matched = needsOf(config.routes)
  const keys = [
    ...routes.flatMap(({ steer }) => steer?.ordering.key ?? []),
    ...Object.values(config.pools).flatMap(({ balance }) => ('key' in balance ? balance.key : [])),
    ...routes.flatMap(({ limits }) => limits.map(({ key }) => key)),
  ]
  const named = keys.filter((key) => typeof key === 'object')
  const sessionNames = routes.flatMap(({ route: { affinity } }) =>
    affinity?.type === 'header' ? affinity.names : [],
  )
  const sessions = keys.includes('session') ? [config.settings.sessionCookie] : []
  return {
    headers: unique([
      ...matched.headers,
      ...named.flatMap((key) => ('header' in key ? key.header : [])),
      ...sessionNames.flatMap((name) => ('header' in name ? name.header : [])),
    ]),
    cookies: unique([
      ...matched.cookies,
      ...sessions,
      ...named.flatMap((key) => ('cookie' in key ? key.cookie : [])),
      ...sessionNames.flatMap((name) => ('cookie' in name ? name.cookie : [])),
    ]),
    query: unique([...matched.query, ...named.flatMap((key) => ('query' in key ? key.query : []))]),
  }
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)]
}
