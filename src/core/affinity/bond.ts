import type { Bond } from '../../schema/bond.ts'
import { combine } from '../kernel/hash.ts'
import type { CompiledOrigin, CompiledPool, CompiledRoute, Snapshot } from '../snapshot.ts'

/** A bond that leads to an origin of the route: where its client belongs. */
export interface Home {
  readonly origin: CompiledOrigin
  readonly pool: CompiledPool
  readonly boundAtMs: number
  /** Tells this client from others as long as it is bound, wherever it calls from. */
  readonly key: number
}

/** Where a bond leads; undefined when that is no origin of a pool of the route: such a bond is void. */
export function findHome(
  { origin: id, boundAtMs }: Bond,
  route: CompiledRoute,
  { pools, places }: Snapshot,
): Home | undefined {
  const place = places.get(id)
  if (place === undefined || !isPoolOf(route, place.pool)) return undefined
  const pool = pools[place.pool]
  const origin = pool?.origins[place.position]
  if (!pool || !origin) return undefined
  // More than 32 bits: the milliseconds of 50 days would be the same again.
  const high = Math.floor(boundAtMs / 2 ** 32)
  return { origin, pool, boundAtMs, key: combine(combine(origin.hash, high), boundAtMs >>> 0) }
}

function isPoolOf({ steer, writes }: CompiledRoute, pool: number): boolean {
  if (steer === undefined) return false
  return steer.pools.includes(pool) || steer.fallback === pool || writes?.pools[0] === pool
}
