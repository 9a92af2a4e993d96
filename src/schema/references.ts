import type { Config } from './config.ts'
import { CONFIG_LIMITS } from './config-limits.ts'
import { type Problem, toPointer } from './problem.ts'
import type { Route } from './route.ts'
import type { PoolSet, Steer } from './steer.ts'

/** Everything that one part of a configuration says of another and that does not hold. */
export function checkReferences(config: Config): Problem[] {
  return [
    ...checkPools(config),
    ...Object.entries(config.routes).flatMap(([id, route]) => checkRoute(config, id, route)),
    ...checkRecords(config),
  ]
}

function checkPools(config: Config): Problem[] {
  const problems: Problem[] = []
  const owners = new Map<string, string>()
  for (const [id, pool] of Object.entries(config.pools)) {
    const at = ['pools', id]
    for (const { id: monitor } of pool.monitor ?? []) {
      if (Object.hasOwn(config.monitors, monitor)) continue
      problems.push(missing([...at, 'monitor'], 'monitor', monitor))
    }
    if (pool.recovery !== undefined && !Object.hasOwn(config.ramps, pool.recovery)) {
      problems.push(missing([...at, 'recovery'], 'ramp', pool.recovery))
    }
    if (pool.outlier.maxEjection < pool.outlier.ejection) {
      const cure = 'raise "maxEjection", or lower "ejection"'
      const message = '"maxEjection" is shorter than "ejection"'
      problems.push(error([...at, 'outlier', 'maxEjection'], message, cure))
    }
    const origins = Object.keys(pool.origins)
    if (pool.minimumOrigins > origins.length) {
      const message = `"minimumOrigins" is ${pool.minimumOrigins}, but the pool has ${origins.length}`
      const cure = `lower it to at most ${origins.length}, or add origins; as it is the pool is always down`
      problems.push(error([...at, 'minimumOrigins'], message, cure))
    }
    for (const origin of origins) {
      const owner = owners.get(origin)
      owners.set(origin, id)
      if (owner === undefined) continue
      const message = `origin "${origin}" is in pool "${owner}" too`
      const cure = 'give each origin an id of its own: health and logs name it without its pool'
      problems.push(error([...at, 'origins', origin], message, cure))
    }
  }
  if (owners.size > CONFIG_LIMITS.origins) {
    const message = `${owners.size} origins, but a configuration has at most ${CONFIG_LIMITS.origins}`
    problems.push(error(['pools'], message, 'split the deployment'))
  }
  return problems
}

function checkRoute(config: Config, id: string, route: Route): Problem[] {
  const at = ['routes', id]
  const problems = referencesOf(route).flatMap(({ path, pool }) =>
    Object.hasOwn(config.pools, pool) ? [] : [missing([...at, ...path], 'pool', pool)],
  )
  if (route.panic.rule === 'fallback' && route.steer?.fallback === undefined) {
    const cure = 'name a pool in "steer.fallback", or use the rule "fail-open" or "refuse"'
    problems.push(error([...at, 'panic', 'rule'], 'the policy names no fallback pool', cure))
  }
  const idle = route.steer ? [] : FOR_STEERING.filter((setting) => route[setting] !== undefined)
  for (const setting of idle) {
    const cure = `remove "${setting}", or steer the request to pools`
    problems.push(error([...at, setting], `"${setting}" is for routes that steer`, cure))
  }
  const replacesPrefix = route.rewrite?.path !== undefined && 'replacePrefix' in route.rewrite.path
  if (replacesPrefix && !route.match.every(({ path }) => hasFixedPrefix(path))) {
    const cure =
      'give every match of the route a path that ends in "/*" and has no "**", or use "replaceFull"'
    const message = '"replacePrefix" has no prefix of fixed length to replace'
    problems.push(error([...at, 'rewrite', 'path'], message, cure))
  }
  return problems
}

/** What changes a request on its way to an origin, and means nothing where there is none. */
const FOR_STEERING = ['rewrite', 'requestHeaders', 'mirror', 'affinity', 'writes'] as const

function hasFixedPrefix(path: string | undefined): boolean {
  return path?.endsWith('/*') === true && !path.includes('**')
}

interface PoolReference {
  readonly path: readonly string[]
  readonly pool: string
}

function referencesOf(route: Route): PoolReference[] {
  const references: PoolReference[] = []
  if (route.mirror) references.push({ path: ['mirror', 'pool'], pool: route.mirror.pool })
  if (route.writes) references.push({ path: ['writes', 'pool'], pool: route.writes.pool })
  if (!route.steer) return references
  const { fallback } = route.steer
  if (fallback !== undefined) references.push({ path: ['steer', 'fallback'], pool: fallback })
  for (const { path, set } of poolSetsOf(route.steer)) {
    for (const { pool } of set.members) references.push({ path: ['steer', ...path, pool], pool })
  }
  return references
}

/** Every set of pools that a policy names, with the path to it. */
export function poolSetsOf(
  steer: Steer,
): { readonly path: readonly string[]; readonly set: PoolSet }[] {
  if (steer.policy === 'weighted') return [{ path: ['weights'], set: steer.weights }]
  if (steer.policy !== 'geo') return [{ path: ['pools'], set: steer.pools }]
  const places = (['asns', 'regions', 'countries', 'continents'] as const).flatMap((level) =>
    Object.entries(steer[level]).map(([place, set]) => ({ path: [level, place], set })),
  )
  return [...places, { path: ['default'], set: steer.default }]
}

function checkRecords({ dns, routes }: Config): Problem[] {
  const providers = dns?.providers ?? {}
  // Without any it is a document of a release that knew none: a warning, so that it stays readable.
  const hasProviders = Object.keys(providers).length > 0
  return Object.entries(dns?.records ?? {}).flatMap(([id, { route, provider }]) => {
    const at = ['dns', 'records', id]
    const problems: Problem[] = []
    if (!Object.hasOwn(routes, route)) problems.push(missing([...at, 'route'], 'route', route))
    if (hasProviders && !Object.hasOwn(providers, provider)) {
      const cure = `define "${provider}" under "dns.providers", or correct the name`
      problems.push(error([...at, 'provider'], `there is no provider "${provider}"`, cure))
    }
    return problems
  })
}

function missing(path: readonly string[], kind: string, id: string): Problem {
  const cure = `define "${id}" under "${kind}s", or correct the name`
  return error(path, `there is no ${kind} "${id}"`, cure)
}

function error(path: readonly string[], message: string, cure: string): Problem {
  return { severity: 'error', path: toPointer(path), message, cure }
}
