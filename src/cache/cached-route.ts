import type { CompiledRoute } from '../core/snapshot.ts'
import type { RouteCache } from '../schema/cache.ts'
import type { Route } from '../schema/route.ts'
import { toCacheName } from './policy/cache-status.ts'
import { compileKeying, type Keying } from './policy/key.ts'

/** A route with a cache, made ready once for each configuration. */
export interface CachedRoute {
  readonly id: string
  readonly route: Route
  readonly settings: RouteCache
  readonly keying: Keying
  /** How `Cache-Status` begins. */
  readonly name: string
}

/** By id: the routes of a snapshot that have a cache. */
export type CachedRoutes = ReadonlyMap<string, CachedRoute>

/** Makes the caches of routes ready. `name` is what the router calls itself. */
export function compileCachedRoutes(routes: readonly CompiledRoute[], name: string): CachedRoutes {
  const cached = new Map<string, CachedRoute>()
  const ownName = toCacheName(name)
  for (const { id, route } of routes) {
    const keying = compileKeying(id, route)
    if (!keying || !route.cache) continue
    const settings = withShield(route, route.cache)
    cached.set(id, { id, route, settings, keying, name: ownName })
  }
  return cached
}

/** Where clients belong to origins, what is missed comes from there, and no shield knows of them. */
function withShield({ affinity, writes }: Route, cache: RouteCache): RouteCache {
  if (affinity === undefined && writes === undefined) return cache
  return { ...cache, tiers: { ...cache.tiers, shield: false } }
}
