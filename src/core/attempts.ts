import type { Tolerance, Turn } from './decision.ts'
import { usableOrigins } from './eligible.ts'
import type { Load } from './order/order.ts'
import { orderMembers, turnsOf } from './order-members.ts'
import { orderingFor } from './shift.ts'
import type { Situation } from './situation.ts'
import type { CompiledOrigin, CompiledPool, CompiledSteer } from './snapshot.ts'

/** Origins in the order in which they are tried, and the round-robin turns that this took. */
export interface Attempts {
  readonly origins: readonly CompiledOrigin[]
  readonly turns: readonly Turn[]
}

/** How many origins the list may have, and whom it may take. */
export interface AttemptLimits {
  readonly most: number
  readonly tolerance: Tolerance
}

/** A pool with those of its origins that may serve: at least one. */
export interface UsablePool {
  readonly pool: CompiledPool
  readonly usable: readonly number[]
}

/**
 * The attempts of a request: the pools in the policy's order, in each its origins in the pool's order.
 * A list that would stay in one pool gives its last place to the next pool, so that a lost region costs
 * a retry and not the request. Empty when no origin may serve.
 */
export function attemptsOf(
  steer: CompiledSteer,
  situation: Situation,
  limits: AttemptLimits,
): Attempts {
  const line = poolsInLine(steer, situation, limits)
  const origins: CompiledOrigin[] = []
  let { turns } = line
  for (const candidate of line.pools) {
    const free = limits.most - origins.length
    if (free === 0) break
    const isFirst = candidate === line.pools[0]
    const take = candidate === line.pools.at(-1) ? free : Math.max(1, free - 1)
    const inPool = originsInLine(candidate, situation, take)
    for (const origin of inPool.origins) origins.push(origin)
    // Only the first pool gives a turn: the others stand by in case it fails.
    if (isFirst && inPool.turns.length > 0) turns = [...turns, ...inPool.turns]
  }
  return { origins, turns }
}

/**
 * Puts some origins in front of others, none twice, at most so many: where there are others, one of them has the
 * last place, and one of another pool if all would be of one pool.
 */
export function lineUp(
  first: readonly CompiledOrigin[],
  others: readonly CompiledOrigin[],
  most: number,
): readonly CompiledOrigin[] {
  const behind = others.filter((origin) => !first.includes(origin))
  if (behind.length === 0 || most === 1) return first.slice(0, most)
  const line = [...first.slice(0, most - 1), ...behind].slice(0, most)
  const pool = line[0]?.pool
  if (line.some((origin) => origin.pool !== pool)) return line
  const outside = behind.find((origin) => origin.pool !== pool)
  return outside ? [...line.slice(0, -1), outside] : line
}

/** The origin of a pool that a copy of the request goes to, if one may serve. */
export function originIn(pool: CompiledPool, situation: Situation): CompiledOrigin | undefined {
  const usable = usableOrigins(pool, situation, 'last-resort')
  return originsInLine({ pool, usable }, situation, 1).origins[0]
}

/** Pools in the order in which they are tried, and the turns that this took. */
interface Line {
  readonly pools: readonly UsablePool[]
  readonly turns: readonly Turn[]
}

/** The pools that may serve, in the policy's order, the fallback pool behind them; at most so many of the policy's. */
export function poolsInLine(
  steer: CompiledSteer,
  situation: Situation,
  limits: AttemptLimits,
): Line {
  const standBy = usablePool(steer.fallback, situation, limits.tolerance)
  if (limits.tolerance === 'fallback') return { pools: standBy ? [standBy] : [], turns: [] }

  const candidates: (UsablePool | undefined)[] = []
  const eligible: number[] = []
  for (const index of steer.pools) {
    const candidate = usablePool(index, situation, limits.tolerance)
    if (candidate) eligible.push(candidates.length)
    candidates.push(candidate)
  }
  const load = (member: number) => loadOfPool(candidates[member], situation)
  const ordering = orderingFor(steer, situation)
  const order = orderMembers(ordering, { eligible, take: limits.most, load }, situation)
  const pools: UsablePool[] = []
  for (const member of order) {
    const candidate = candidates[member]
    if (candidate) pools.push(candidate)
  }
  if (standBy && !pools.some(({ pool }) => pool === standBy.pool)) pools.push(standBy)
  return { pools, turns: turnsOf(ordering, { eligible, chosen: order[0] }, situation) }
}

function usablePool(
  index: number | undefined,
  situation: Situation,
  tolerance: Tolerance,
): UsablePool | undefined {
  const pool = index === undefined ? undefined : situation.snapshot.pools[index]
  if (pool === undefined) return undefined
  const usable = usableOrigins(pool, situation, tolerance)
  return usable.length === 0 ? undefined : { pool, usable }
}

function originsInLine({ pool, usable }: UsablePool, situation: Situation, take: number): Attempts {
  const load = (member: number) => loadOfOrigin(pool.origins[member], situation)
  const order = orderMembers(pool.ordering, { eligible: usable, take, load }, situation)
  const origins: CompiledOrigin[] = []
  for (const member of order) {
    const origin = pool.origins[member]
    if (origin) origins.push(origin)
  }
  return {
    origins,
    turns: turnsOf(pool.ordering, { eligible: usable, chosen: order[0] }, situation),
  }
}

const UNSEEN: Load = { inFlight: 0, latencyMs: undefined }

function loadOfOrigin(origin: CompiledOrigin | undefined, { observations }: Situation): Load {
  return (origin && observations.origins[origin.index]) ?? UNSEEN
}

/** A pool carries what its usable origins carry; it is as slow as their mean. */
function loadOfPool(candidate: UsablePool | undefined, situation: Situation): Load {
  if (!candidate) return UNSEEN
  const loads = candidate.usable.map((position) =>
    loadOfOrigin(candidate.pool.origins[position], situation),
  )
  const inFlight = loads.reduce((sum, load) => sum + load.inFlight, 0)
  const others = loads.reduce((sum, load) => sum + (load.others ?? 0), 0)
  const seen = loads.flatMap(({ latencyMs }) => latencyMs ?? [])
  const latencyMs =
    seen.length === 0 ? undefined : seen.reduce((sum, each) => sum + each, 0) / seen.length
  return { inFlight, others, latencyMs }
}
