import type { Decision, SteerDecision } from './decision.ts'
import { hashText, mix, toUnit } from './kernel/hash.ts'
import type { Observations } from './observation.ts'
import type { CompiledOrigin, CompiledPool, CompiledRoute, Snapshot } from './snapshot.ts'

/**
 * How the origins of a route stand, as far as stale answers hang on it: while somebody comes back, they are used for
 * longer, and what is fetched anew is spread.
 */
export type CacheSituation =
  | { readonly state: 'well' }
  /** `sinceMs`: since when. Windows count from there for what had run out before. */
  | { readonly state: 'recovering'; readonly sinceMs: number }

/** What a situation is seen from. */
export interface CacheSight {
  readonly snapshot: Snapshot
  readonly observations: Observations
  readonly nowMs: number
  /** When this isolate last found the route out, if it ever did. */
  readonly lastOutMs: number | undefined
}

const WELL: CacheSituation = Object.freeze({ state: 'well' })

/** The situation of a route. It walks the origins: for stale entries alone. */
export function situationOf(route: CompiledRoute, sight: CacheSight): CacheSituation {
  const { nowMs, lastOutMs } = sight
  const windowMs = route.route.cache?.stale.whileRecovering ?? 0
  // Who comes back without a ramp was out a moment ago all the same, and meets everything that ran out meanwhile.
  const wasOutMs = lastOutMs !== undefined && nowMs - lastOutMs < windowMs ? lastOutMs : undefined
  const returnedMs = returnOf(route, sight)
  if (returnedMs === undefined && wasOutMs === undefined) return WELL
  const sinceMs = Math.max(returnedMs ?? 0, wasOutMs ?? 0)
  return { state: 'recovering', sinceMs: Math.min(sinceMs, nowMs) }
}

/**
 * Whether nobody may serve a request but by the panic rule, or a pool that stands in: stale answers come before those.
 */
export function isRouteOut(decision: Decision, sight: Omit<CacheSight, 'lastOutMs'>): boolean {
  if (decision.type === 'refuse') return true
  return decision.type === 'steer' && isSteeredOut(decision, sight)
}

/**
 * Whether the pool that stands in for all others answers, mostly with a page that says so: stale pages are better, and
 * what it says is no answer of the origins.
 */
export function isByFallback(
  { attempts: [first], route }: SteerDecision,
  snapshot: Pick<Snapshot, 'pools'>,
): boolean {
  return first !== undefined && isFallbackOf(route, first, snapshot)
}

function isSteeredOut(
  decision: SteerDecision,
  { snapshot, observations, nowMs }: Omit<CacheSight, 'lastOutMs'>,
): boolean {
  switch (decision.tolerance) {
    case 'none':
    case 'reserve':
      return isByFallback(decision, snapshot)
    case 'fail-open':
    case 'fallback':
      return true
    case 'last-resort': {
      const isPutAside = ({ index }: CompiledOrigin) => {
        const { ejectedUntilMs = 0, trials = 0 } = observations.origins[index] ?? {}
        return ejectedUntilMs > nowMs || trials > 0
      }
      // Those that wait for their share are well; behind them may stand the fallback.
      return decision.attempts.every(
        (origin) => isPutAside(origin) || isFallbackOf(decision.route, origin, snapshot),
      )
    }
  }
}

function isFallbackOf(
  { steer }: CompiledRoute,
  { pool }: CompiledOrigin,
  { pools }: Pick<Snapshot, 'pools'>,
): boolean {
  if (steer?.fallback === undefined) return false
  return pools[steer.fallback]?.id === pool && !steer.pools.includes(steer.fallback)
}

/**
 * Since when somebody comes back, if so: the longest under way. Who only waits, for an operator perhaps, does so when
 * there is nobody else.
 */
function returnOf({ steer }: CompiledRoute, sight: CacheSight): number | undefined {
  const seen = { isWell: false, returningMs: NEVER, waitingMs: NEVER }
  for (const index of steer?.pools ?? []) {
    const pool = sight.snapshot.pools[index]
    for (const origin of pool?.origins ?? []) {
      const course = pool && courseOf(pool, origin, sight)
      if (course?.type === 'well') seen.isWell = true
      if (course?.type === 'returning') seen.returningMs = earlier(seen.returningMs, course.sinceMs)
      if (course?.type === 'waiting') seen.waitingMs = earlier(seen.waitingMs, course.sinceMs)
    }
  }
  const sinceMs = seen.isWell ? seen.returningMs : earlier(seen.returningMs, seen.waitingMs)
  return sinceMs === NEVER ? undefined : sinceMs
}

const NEVER = Infinity

/** Of two moments the earlier; 0 is one that nobody knows. */
function earlier(one: number, other: number): number {
  if (one === 0 || other === 0) {
    const known = Math.max(one, other)
    return known === NEVER ? 0 : known
  }
  return Math.min(one, other)
}

interface OriginCourse {
  readonly type: 'well' | 'returning' | 'waiting'
  readonly sinceMs: number
}

/** Whether an origin is well or on its way back; undefined when it is away. */
function courseOf(
  pool: CompiledPool,
  origin: CompiledOrigin,
  { nowMs, observations }: CacheSight,
): OriginCourse | undefined {
  const { ejectedUntilMs = 0, trials = 0 } = observations.origins[origin.index] ?? {}
  if (ejectedUntilMs > nowMs) return undefined
  const returning = [pool, origin].find(({ attempt }) => attempt !== undefined)
  const standing = pool.standing ?? origin.standing
  if (standing) {
    const isWaiting = standing.type === 'not-admitted' && returning !== undefined
    return isWaiting ? { type: 'waiting', sinceMs: returning.keepsSinceMs ?? nowMs } : undefined
  }
  if (returning) return { type: 'returning', sinceMs: returning.keepsSinceMs ?? nowMs }
  // This isolate had put it aside, and lets single requests try it; after a while it forgets until when.
  if (trials > 0) return { type: 'returning', sinceMs: ejectedUntilMs }
  return { type: 'well', sinceMs: nowMs }
}

/** When a stale answer is given out while somebody comes back. */
export interface Spread {
  readonly nowMs: number
  /** Since when it is stale. */
  readonly staleSinceMs: number
  /** Of the situation. */
  readonly sinceMs: number
  /** How long it may be used stale. */
  readonly windowMs: number
}

/** Keeps the moments apart from shards and shares, which go by hashes of the same texts. */
const SPREAD_SALT = hashText('revalidation')

/**
 * Whether it is time to fetch it anew: each key has a moment of its own in the window, evenly over keys, so that what
 * ran out together does not meet who comes back together.
 */
export function isRevalidationDue(key: string, spread: Spread): boolean {
  const { nowMs, staleSinceMs, sinceMs, windowMs } = spread
  const part = toUnit(mix(hashText(key) ^ SPREAD_SALT))
  return nowMs >= Math.max(staleSinceMs, sinceMs) + part * windowMs
}
