import type { Condition } from '../schema/condition.ts'
import type { Config } from '../schema/config.ts'
import type { AdminState, Origin, Pool } from '../schema/pool.ts'
import type { ExclusionReason } from '../schema/reason.ts'
import type { PublishedConditions } from '../schema/snapshot.ts'
import { compileOrdering } from './compile-ordering.ts'
import { hashText } from './kernel/hash.ts'
import type { CompiledOrigin, CompiledPool, Conditioned, DrainTime, Ordering } from './snapshot.ts'

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
    const own = Object.entries(pool.origins).map(([originId, origin], position) => {
      const condition = conditions.origins[originId]
      const same = condition ? undefined : before?.origins[position]
      const place = { id: originId, pool: id, index: origins.length }
      const compiled = same?.isAsConfigured ? same : compileOrigin(place, origin, condition)
      origins.push(compiled)
      return compiled
    })
    const parts = { id, index, pool, origins: own, isAsConfigured, before }
    return compilePool(parts, conditions.pools[id])
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
  const conditioned = toConditioned(place.id, origin.state, condition)
  return {
    ...origin,
    ...place,
    ...conditioned,
    isAsConfigured: condition === undefined,
    headers: Object.entries(origin.headers ?? {}),
    isPlain: conditioned.isWell && origin.maxConnections === undefined,
  }
}

function toConditioned(
  id: string,
  configured: AdminState,
  condition: Condition | undefined,
): Conditioned {
  const standing = standingOf(configured, condition)
  const { sharePercent = 100, attempt, keepsSinceMs, shed } = condition ?? {}
  const admitPercent = condition?.admitPercent ?? sharePercent
  return {
    standing,
    sharePercent,
    admitPercent,
    attempt,
    keepsSinceMs,
    drain: toDrain(condition),
    shed,
    isWell: !standing && !shed && sharePercent >= 100 && admitPercent >= 100,
    hash: hashText(id),
  }
}

function toDrain(condition: Condition | undefined): DrainTime | undefined {
  const { drainFromMs: fromMs, drainUntilMs: untilMs } = condition ?? {}
  return untilMs === undefined ? undefined : { fromMs, untilMs }
}

interface PoolParts {
  readonly id: string
  readonly index: number
  readonly pool: Pool
  readonly origins: readonly CompiledOrigin[]
  readonly isAsConfigured: boolean
  /** The same pool under other conditions. */
  readonly before: CompiledPool | undefined
}

function compilePool(parts: PoolParts, condition: Condition | undefined): CompiledPool {
  const { id, index, pool, origins, isAsConfigured, before } = parts
  const conditioned = toConditioned(id, pool.state, condition)
  return {
    ...conditioned,
    index,
    id,
    ordering: before?.ordering ?? orderingOf(id, pool),
    origins,
    isAsConfigured,
    everyone: before?.everyone ?? origins.map((_, position) => position),
    minimumOrigins: pool.minimumOrigins,
    isMoving: [conditioned, ...origins].some(({ sharePercent }) => sharePercent < 100),
    outlier: pool.outlier,
    shedding: pool.shedding,
    countUntil: pool.countUntil,
    holdDown: pool.holdDown,
  }
}

function orderingOf(id: string, pool: Pool): Ordering {
  const members = Object.entries(pool.origins).map(([origin, { weight, location }]) => {
    return { id: origin, weight, location: location ?? pool.location }
  })
  return compileOrdering(`pool:${id}`, pool.balance, members)
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
