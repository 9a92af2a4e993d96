import type { ExclusionReason } from '../schema/reason.ts'
import { admissionExclusion } from './admission.ts'
import type { Tolerance } from './decision.ts'
import { capacityExclusion, ejectionExclusion } from './observed.ts'
import { overloadExclusion, shedExclusion } from './shed.ts'
import type { Situation } from './situation.ts'
import type { CompiledOrigin, CompiledPool } from './snapshot.ts'

/**
 * The members of a pool that may serve this request, as positions in `pool.origins`; empty when the pool
 * as a whole may not. Health, admin state, shares, ejection, caps and shed load are looked at here.
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
  const { nowMs } = facts
  let usable: number[] | undefined
  // By index, and past those that are plainly well: this loop sees every origin at every request.
  for (let position = 0; position < pool.origins.length; position += 1) {
    const origin = pool.origins[position]
    if (!origin) continue
    const seen = observations.origins[origin.index]
    const isIn = seen === undefined || (seen.ejectedUntilMs <= nowMs && seen.trials === 0)
    // What makes its own client leave an origin is more than that, or concerns the pool.
    const isWell = origin.isPlain && isIn
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
  const { observations, left, isWhole } = situation
  const { standing } = origin
  const { key } = pool.ordering
  if (origin === left?.origin) return left.why
  if (standing?.type === 'maintenance') return standing
  const seen = observations.origins[origin.index]
  const refused = capacityExclusion(origin, seen) ?? shedExclusion(origin, key, situation)
  if (refused) return refused
  if (standing && !(isWhole && standing.type === 'not-admitted')) return standing
  const ejected = ejectionExclusion(seen, situation)
  if (ejected || isWhole || origin.isWell) return ejected
  return admissionExclusion(origin, key, situation)
}

/** Why a pool may not serve this request, if so, given how many of its origins may. */
export function poolExclusion(
  { pool, usable }: { readonly pool: CompiledPool; readonly usable: number },
  situation: Situation,
): ExclusionReason | undefined {
  const { minimumOrigins, standing, isWell } = pool
  const { key, left, isWhole } = situation
  if (pool === left?.pool) return left.why
  if (standing?.type === 'maintenance') return standing
  const shed = shedExclusion(pool, key, situation) ?? overloadExclusion(pool, situation)
  if (shed) return shed
  const isWaiting = standing?.type === 'not-admitted'
  if (standing && !isWaiting) return standing
  // Graver than to wait for the first share: that is tolerated sooner.
  if (usable < minimumOrigins) return { type: 'pool-down', usable, minimumOrigins }
  if (isWhole) return undefined
  if (isWaiting) return standing
  return isWell ? undefined : admissionExclusion(pool, key, situation)
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
