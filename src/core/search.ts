import { type Attempts, attemptsOf } from './attempts.ts'
import type { Decision, SteerDecision, Tolerance } from './decision.ts'
import { originExclusion, poolExclusion } from './eligible.ts'
import type { Situation } from './situation.ts'
import type { CompiledPool, CompiledRoute, CompiledSteer } from './snapshot.ts'

/** Where a request goes, and what affinity says of that. */
export interface Course extends Attempts, Pick<SteerDecision, 'tolerance'> {
  readonly type: 'course'
  readonly affinity?: NonNullable<SteerDecision['affinity']>
  readonly natural?: NonNullable<SteerDecision['natural']>
}

/** A decision against it. */
export type Refusal = Extract<Decision, { type: 'refuse' }>

/** The origins of the first step of tolerance that finds any; undefined when none does. */
export function searchOrigins(
  route: CompiledRoute,
  steer: CompiledSteer,
  situation: Situation,
): Course | undefined {
  const most = route.route.retry.attempts
  for (const tolerance of tolerancesOf(route)) {
    const { origins, turns } = attemptsOf(steer, situation, { most, tolerance })
    if (origins.length > 0) return { type: 'course', origins, turns, tolerance }
  }
  return undefined
}

/** The same, or why there is none. */
export function findCourse(
  route: CompiledRoute,
  steer: CompiledSteer,
  situation: Situation,
): Course | Refusal {
  return searchOrigins(route, steer, situation) ?? refuseSteer(route, steer, situation)
}

type PanicRule = NonNullable<CompiledRoute['route']['panic']['rule']>

const TOLERANCES: Readonly<Record<PanicRule, readonly Tolerance[]>> = {
  'fail-open': ['none', 'last-resort', 'reserve', 'fail-open'],
  fallback: ['none', 'last-resort', 'fallback'],
  refuse: ['none', 'last-resort'],
}

/** How far a decision for this route may go, step by step; the last step is its panic rule. */
function tolerancesOf({ route }: CompiledRoute): readonly Tolerance[] {
  const rule = route.panic.rule ?? (route.steer?.fallback === undefined ? 'fail-open' : 'fallback')
  return TOLERANCES[rule]
}

function refuseSteer(
  route: CompiledRoute,
  { pools: own, fallback }: CompiledSteer,
  situation: Situation,
): Refusal {
  const indexes = new Set(fallback === undefined ? own : [...own, fallback])
  const pools = [...indexes].flatMap((index) => situation.snapshot.pools[index] ?? [])
  const { id } = route
  const retryAfterMs = route.route.panic.retryAfter
  if (pools.some((pool) => isFull(pool, situation))) {
    return { type: 'refuse', route, reason: { type: 'overloaded', route: id, retryAfterMs } }
  }
  const excluded = pools.reduce((sum, { origins }) => sum + origins.length, 0)
  return { type: 'refuse', route, reason: { type: 'no-origin', route: id, excluded, retryAfterMs } }
}

/** Whether load is all that keeps a request from a pool: of one of its origins, or of the whole. */
function isFull(pool: CompiledPool, situation: Situation): boolean {
  if (pool.standing) return false
  const able = pool.origins.filter(({ standing }) => !standing)
  if (able.length === 0) return false
  const excluded = poolExclusion({ pool, usable: able.length }, situation)
  if (excluded?.type === 'shed') return true
  return able.some((origin) => {
    const type = originExclusion(origin, pool, situation)?.type
    return type === 'at-capacity' || type === 'shed'
  })
}
