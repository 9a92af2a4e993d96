import type { Condition } from '../schema/condition.ts'
import type { Config } from '../schema/config.ts'
import type { AdminState, Origin, Pool } from '../schema/pool.ts'
import type { ExclusionReason } from '../schema/reason.ts'
import type { PublishedConditions } from '../schema/snapshot.ts'
import { compileOrdering } from './compile-ordering.ts'
import { hashText } from './kernel/hash.ts'
import type { CompiledOrigin, CompiledPool } from './snapshot.ts'

/** The pools of a configuration and their origins, each with its place in the whole. */
export interface CompiledPools {
  readonly pools: readonly CompiledPool[]
  readonly origins: readonly CompiledOrigin[]
}

/**
 * Compiles pools and origins as they stand under the conditions of the moment. `known`: the pools of the same
 * configuration under other conditions; those that no condition is about are taken over.
 */
export function compilePools(
  config: Config,
  conditions: PublishedConditions,
  known: readonly CompiledPool[] = [],
): CompiledPools {
  const origins: CompiledOrigin[] = []
  const pools = Object.entries(config.pools).map(([id, pool], index) => {
    const isAsConfigured = !isConditioned(id, pool, conditions)
    const before = known[index]
    if (isAsConfigured && before?.isAsConfigured) {
      for (const origin of before.origins) origins.push(origin)
      return before
    }
    const own = Object.entries(pool.origins).map(([originId, origin]) => {
      const standing = { id: originId, pool: id, index: origins.length }
      const compiled = compileOrigin(standing, origin, conditions.origins[originId])
      origins.push(compiled)
      return compiled
    })
    return compilePool({ id, index, pool, origins: own, isAsConfigured }, conditions.pools[id])
  })
  return { pools, origins }
}

function isConditioned(id: string, pool: Pool, { pools, origins }: PublishedConditions): boolean {
  if (pools[id] !== undefined) return true
  return Object.keys(pool.origins).some((origin) => origins[origin] !== undefined)
}

function compileOrigin(
  place: Pick<CompiledOrigin, 'id' | 'pool' | 'index'>,
  origin: Origin,
  condition: Condition | undefined,
): CompiledOrigin {
  const standing = standingOf(origin.state, condition)
  const sharePercent = condition?.sharePercent ?? 100
  return {
    ...origin,
    ...place,
    headers: Object.entries(origin.headers ?? {}),
    sharePercent,
    attempt: condition?.attempt,
    standing,
    isPlain: !standing && sharePercent >= 100 && origin.maxConnections === undefined,
    hash: hashText(place.id),
  }
}

interface PoolParts {
  readonly id: string
  readonly index: number
  readonly pool: Pool
  readonly origins: readonly CompiledOrigin[]
  readonly isAsConfigured: boolean
}

function compilePool(parts: PoolParts, condition: Condition | undefined): CompiledPool {
  const { id, index, pool, origins, isAsConfigured } = parts
  const members = origins.map((origin) => ({
    ...origin,
    location: origin.location ?? pool.location,
  }))
  return {
    index,
    id,
    ordering: compileOrdering(`pool:${id}`, pool.balance, members),
    origins,
    isAsConfigured,
    everyone: origins.map((_, position) => position),
    minimumOrigins: pool.minimumOrigins,
    sharePercent: condition?.sharePercent ?? 100,
    attempt: condition?.attempt,
    standing: standingOf(pool.state, condition),
    outlier: pool.outlier,
    holdDown: pool.holdDown,
    hash: hashText(id),
  }
}

/** The first of maintenance, ill health, drain and a share of nothing that holds: the gravest. */
function standingOf(
  configured: AdminState,
  condition: Condition | undefined,
): ExclusionReason | undefined {
  const state = condition?.state ?? configured
  if (state === 'maintenance') return { type: 'maintenance' }
  if (condition?.health === 'unhealthy') {
    const { health, evidence, sinceMs } = condition
    return { type: 'unhealthy', health, evidence, sinceMs }
  }
  if (state === 'drain') return { type: 'draining' }
  if (condition?.sharePercent !== 0) return undefined
  return { type: 'not-admitted', sharePercent: 0, bucketPercent: 0 }
}
