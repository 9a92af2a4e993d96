import type { Key } from '../schema/key.ts'
import type { ExclusionReason } from '../schema/reason.ts'
import type { Tolerance } from './decision.ts'
import { hashKey } from './kernel/key.ts'
import { bucketPercent } from './kernel/share.ts'
import type { Situation } from './situation.ts'
import type { CompiledOrigin, CompiledPool } from './snapshot.ts'

/**
 * The members of a pool that may serve this request, as positions in `pool.origins`; empty when the pool
 * as a whole may not. Health, admin state, shares, ejection and caps are looked at here and nowhere else.
 */
export function usableOrigins(
  pool: CompiledPool,
  situation: Situation,
  tolerance: Tolerance,
): readonly number[] {
  const usable = originsWithin(pool, situation, tolerance)
  const excluded = poolExclusion({ pool, usable: usable.length }, situation)
  return excluded && !isTolerated(excluded, tolerance) ? [] : usable
}

function originsWithin(
  pool: CompiledPool,
  situation: Situation,
  tolerance: Tolerance,
): readonly number[] {
  const { facts, observations } = situation
  let usable: number[] | undefined
  // By index, and past those that are plainly well: this loop sees every origin at every request.
  for (let position = 0; position < pool.origins.length; position += 1) {
    const origin = pool.origins[position]
    if (!origin) continue
    const ejectedUntilMs = observations.origins[origin.index]?.ejectedUntilMs ?? 0
    const isWell = origin.isPlain && ejectedUntilMs <= facts.nowMs
    if (isWell || isUsable(origin, { pool, situation, tolerance })) usable?.push(position)
    else usable ??= pool.everyone.slice(0, position)
  }
  return usable ?? pool.everyone
}

interface Inquiry {
  readonly pool: CompiledPool
  readonly situation: Situation
  readonly tolerance: Tolerance
}

function isUsable(origin: CompiledOrigin, { pool, situation, tolerance }: Inquiry): boolean {
  const excluded = originExclusion(origin, pool, situation)
  return excluded === undefined || isTolerated(excluded, tolerance)
}

/**
 * Why an origin may not serve this request, if so: of several reasons the gravest, so that a decision that
 * tolerates a light one does not overlook the grave one behind it.
 */
export function originExclusion(
  origin: CompiledOrigin,
  pool: CompiledPool,
  situation: Situation,
): ExclusionReason | undefined {
  const { facts, observations } = situation
  const { standing, maxConnections, sharePercent } = origin
  if (standing?.type === 'maintenance') return standing
  const seen = observations.origins[origin.index]
  if (seen && maxConnections !== undefined && seen.inFlight >= maxConnections) {
    return { type: 'at-capacity', inFlight: seen.inFlight, maxConnections }
  }
  if (standing) return standing
  const remainingMs = seen ? seen.ejectedUntilMs - facts.nowMs : 0
  if (seen && remainingMs > 0) return { type: 'ejected', remainingMs, cause: seen.ejectedFor }
  if (sharePercent >= 100) return undefined
  return shareExclusion(origin, pool.ordering.key, situation)
}

/** Why a pool may not serve this request, if so, given how many of its origins may. */
export function poolExclusion(
  { pool, usable }: { readonly pool: CompiledPool; readonly usable: number },
  situation: Situation,
): ExclusionReason | undefined {
  const { minimumOrigins, standing } = pool
  const isWaiting = standing?.type === 'not-admitted'
  if (standing && !isWaiting) return standing
  // Graver than to wait for the first share: that is tolerated sooner.
  if (usable < minimumOrigins) return { type: 'pool-down', usable, minimumOrigins }
  if (isWaiting) return standing
  if (pool.sharePercent >= 100) return undefined
  return shareExclusion(pool, situation.key, situation)
}

function shareExclusion(
  { hash, sharePercent }: { readonly hash: number; readonly sharePercent: number },
  key: Key,
  { facts, snapshot }: Situation,
): ExclusionReason | undefined {
  const bucket = bucketPercent(hashKey(key, facts, snapshot.settings.sessionCookie), hash)
  if (bucket < sharePercent) return undefined
  return { type: 'not-admitted', sharePercent, bucketPercent: bucket }
}

const STEPS: readonly Tolerance[] = ['none', 'last-resort', 'reserve', 'fail-open', 'fallback']

/** Whether a decision that goes so far takes what is excluded for this reason all the same. */
function isTolerated(reason: ExclusionReason, tolerance: Tolerance): boolean {
  const needed = toleranceOf(reason)
  return needed !== undefined && STEPS.indexOf(tolerance) >= STEPS.indexOf(needed)
}

/** How far a decision must go to take what is excluded for this reason; `undefined` is never. */
function toleranceOf(reason: ExclusionReason): Tolerance | undefined {
  switch (reason.type) {
    case 'ejected':
    case 'on-trial':
    case 'not-admitted':
      return 'last-resort'
    case 'draining':
    case 'pool-down':
      return 'reserve'
    case 'unhealthy':
      return 'fail-open'
    case 'maintenance':
    case 'at-capacity':
    case 'shed':
      return undefined
  }
}
