import type { Config } from './config.ts'
import type { Pool } from './pool.ts'
import type { Route } from './route.ts'
import DEFAULTS from './defaults.json' with { type: 'json' }

/** What a shape gives for keys that are not there. */
type Defaults = Readonly<Record<string, unknown>>

/**
 * A configuration as an older release published it, with the defaults of what that release did not know; the very
 * same when nothing is missing. It is decided by until the control object of this release has published its own.
 */
export function completeConfig(config: Config): Config {
  const whole = complete(withoutOldDns(config), DEFAULTS.config)
  const settings = complete(whole.settings, DEFAULTS.settings)
  const pools = completeEach(whole.pools, completePool)
  const routes = completeEach(whole.routes, completeRoute)
  const isSame = settings === config.settings && pools === config.pools && routes === config.routes
  return isSame && whole === config ? config : { ...whole, settings, pools, routes }
}

/** Releases before 0.4.0 checked records and did not act on them: they knew no providers. */
function withoutOldDns(config: Config): Config {
  if (config.dns === undefined || Object.hasOwn(config.dns, 'providers')) return config
  const { dns: _, ...rest } = config
  return rest
}

function completePool(pool: Pool): Pool {
  const whole = complete(pool, DEFAULTS.pool)
  const outlier = complete(whole.outlier, DEFAULTS.outlier)
  const origins = completeEach(whole.origins, (origin) => complete(origin, DEFAULTS.origin))
  const isSame = outlier === whole.outlier && origins === whole.origins
  return isSame ? whole : { ...whole, outlier, origins }
}

function completeRoute(route: Route): Route {
  const whole = complete(route, DEFAULTS.route)
  return withoutOldCache(withoutOldAffinity(whole))
}

/** Release 0.2.0 checked affinity and did not act on it. */
function withoutOldAffinity(route: Route): Route {
  if (route.affinity === undefined || Object.hasOwn(route.affinity, 'store')) return route
  const { affinity: _, ...rest } = route
  return rest
}

/** Releases before 0.5.0 checked the mode of a cache, all that there was of one, and did not act on it. */
function withoutOldCache(route: Route): Route {
  if (route.cache === undefined || Object.hasOwn(route.cache, 'key')) return route
  const { cache: _, ...rest } = route
  return rest
}

function complete<Value extends object>(value: Value, defaults: Defaults): Value {
  const isWhole = Object.keys(defaults).every((key) => Object.hasOwn(value, key))
  return isWhole ? value : { ...defaults, ...value }
}

function completeEach<Value>(
  record: Record<string, Value>,
  completed: (value: Value) => Value,
): Record<string, Value> {
  const entries = Object.entries(record).map(([id, value]) => [id, completed(value)] as const)
  return entries.every(([id, value]) => value === record[id]) ? record : Object.fromEntries(entries)
}
