import type { ExclusionReason } from '../schema/reason.ts'
import { type Attempts, attemptsOf } from './attempts.ts'
import type { Decision, SteerDecision, Tolerance } from './decision.ts'
import { originExclusion, poolExclusion } from './eligible.ts'
import { isPutOut } from './shed.ts'
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
  for (const tolerance of tolerancesOf(route, steer)) {
    // Somebody who is well serves others: to come again is better than to be sent to who is not.
    if (tolerance === 'fail-open' && isBusy(steer, situation)) return undefined
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

/** For what has no fallback pool on a route that has one, as its writes: whoever drains is taken in its place. */
const WITHOUT_FALLBACK: readonly Tolerance[] = ['none', 'last-resort', 'reserve']

/** How far a decision for this route may go, step by step; the last step is its panic rule. */
function tolerancesOf({ route }: CompiledRoute, steer: CompiledSteer): readonly Tolerance[] {
  const rule = route.panic.rule ?? (route.steer?.fallback === undefined ? 'fail-open' : 'fallback')
  const hasNone = rule === 'fallback' && steer.fallback === undefined
  return hasNone ? WITHOUT_FALLBACK : TOLERANCES[rule]
}

function refuseSteer(route: CompiledRoute, steer: CompiledSteer, situation: Situation): Refusal {
  const { id } = route
  const retryAfterMs = route.route.panic.retryAfter
  if (isOverloaded(steer, situation)) {
    return { type: 'refuse', route, reason: { type: 'overloaded', route: id, retryAfterMs } }
  }
  const excluded = poolsOf(steer, situation).reduce((sum, { origins }) => sum + origins.length, 0)
  return { type: 'refuse', route, reason: { type: 'no-origin', route: id, excluded, retryAfterMs } }
}

function poolsOf({ pools, fallback }: CompiledSteer, { snapshot }: Situation): CompiledPool[] {
  const indexes = new Set(fallback === undefined ? pools : [...pools, fallback])
  return [...indexes].flatMap((index) => snapshot.pools[index] ?? [])
}

/** Whether load alone keeps a request from somebody who is well. */
function isOverloaded(steer: CompiledSteer, situation: Situation): boolean {
  return keepsAway(steer, situation, ({ type }) => type === 'at-capacity' || type === 'shed')
}

/** Whether that one serves others meanwhile. */
function isBusy(steer: CompiledSteer, situation: Situation): boolean {
  return keepsAway(
    steer,
    situation,
    (reason) => reason.type === 'at-capacity' || (reason.type === 'shed' && !isPutOut(reason)),
  )
}

function keepsAway(
  steer: CompiledSteer,
  situation: Situation,
  isLoad: (reason: ExclusionReason) => boolean,
): boolean {
  const isMet = (reason: ExclusionReason | undefined) => reason !== undefined && isLoad(reason)
  return poolsOf(steer, situation).some((pool) => {
    const able = pool.standing ? [] : pool.origins.filter(({ standing }) => !standing)
    if (able.length === 0) return false
    if (isMet(poolExclusion({ pool, usable: able.length }, situation))) return true
    return able.some((origin) => isMet(originExclusion(origin, pool, situation)))
  })
}
