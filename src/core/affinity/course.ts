import type { Affinity } from '../../schema/affinity.ts'
import { attemptsOf, lineUp } from '../attempts.ts'
import { type Course, findCourse, type Refusal, searchOrigins } from '../search.ts'
import type { Left, Situation } from '../situation.ts'
import type { CompiledOrigin, CompiledRoute, CompiledSteer } from '../snapshot.ts'
import { findHome, type Home } from './bond.ts'
import { departureOf } from './departure.ts'
import { isRemembered, placementOf } from './session-key.ts'

/** What affinity makes of a request: whether its client belongs somewhere, and as whom it is sent elsewhere. */
export interface Belonging {
  /** Whether somebody remembers where such a client is bound. */
  readonly remembers: boolean
  /** Where the client is bound. */
  readonly home: Home | undefined
  /** Whether it is bound to what only the fallback pool has: that is its home as long as nobody else may serve. */
  readonly isSpare: boolean
  /** Set when it may not stay there. */
  readonly left: Left | undefined
  /** In which others are found for it: all of them, or those that stand behind its own. */
  readonly situation: Situation
}

/** A route with affinity, and how it steers. */
export interface Steered {
  readonly route: CompiledRoute
  readonly steer: CompiledSteer
  readonly affinity: Affinity
}

/** Settles whether the client of a request may stay where it is bound. */
export function belongingOf(steered: Steered, situation: Situation): Belonging {
  const { route, steer, affinity } = steered
  const { facts, snapshot } = situation
  const free = placed(situation, placementOf(affinity, facts))
  const remembers = isRemembered(affinity, facts)
  const home = remembers && facts.bond ? findHome(facts.bond, route, snapshot) : undefined
  const unbound = { remembers, home: undefined, isSpare: false, left: undefined, situation: free }
  if (home === undefined) return unbound
  const left = departureOf(home, free)
  if (isSpare(home, steer)) {
    const holds = !left && isNeeded(home, steered, free)
    return { ...unbound, isSpare: true, home: holds ? home : undefined }
  }
  // Who is to come back is placed by what tells it from others, so that its stand-in is the same each time.
  const isLent = affinity.failover === 'temporary' && !isGone(left)
  const lent = isLent ? placed(free, home.key) : free
  return { remembers, home, isSpare: false, left, situation: left ? { ...lent, left } : lent }
}

function placed(situation: Situation, placement: number | undefined): Situation {
  return placement === situation.placement ? situation : { ...situation, placement }
}

/** The fallback pool is nobody's home: else an hour of outage would keep its clients there for a day. */
function isSpare({ pool }: Home, { pools, fallback }: CompiledSteer): boolean {
  return fallback === pool.index && !pools.includes(fallback)
}

/** Whether the request would go to the fallback pool in any case. */
function isNeeded({ pool }: Home, { route, steer }: Steered, free: Situation): boolean {
  return searchOrigins(route, steer, free)?.origins[0]?.pool === pool.id
}

/** Where a request goes on a route with affinity: to where its client is bound as long as it may stay there. */
export function boundCourse(
  route: CompiledRoute,
  steer: CompiledSteer,
  situation: Situation,
): Course | Refusal {
  const { affinity } = route.route
  if (affinity === undefined) return findCourse(route, steer, situation)
  const steered = { route, steer, affinity }
  const course = toCourse(belongingOf(steered, situation), steered)
  if (course.type === 'refuse') return course
  const natural = naturalOf(steered, situation)
  return natural ? { ...course, natural } : course
}

function toCourse(belonging: Belonging, steered: Steered): Course | Refusal {
  const { remembers, home, left, situation } = belonging
  if (left) return leave(left, situation, steered)
  if (home) return stay(home.origin, belonging, steered)
  const course = findCourse(steered.route, steered.steer, situation)
  const affinity = { kept: undefined, left: undefined, binds: remembers }
  return course.type === 'course' ? { ...course, affinity } : course
}

function stay(
  origin: CompiledOrigin,
  { situation, isSpare: isGuest }: Belonging,
  { route, steer, affinity }: Steered,
): Course {
  const failover = isGuest ? 'sticky' : affinity.failover
  const most = failover === 'none' ? 1 : route.route.retry.attempts
  const others = most === 1 ? [] : attemptsOf(steer, situation, { most, tolerance: 'none' }).origins
  return {
    type: 'course',
    origins: lineUp([origin], others, most),
    // Whoever stays has taken nobody's turn.
    turns: [],
    tolerance: 'none',
    affinity: { kept: origin, left: undefined, binds: failover === 'sticky' },
  }
}

function leave(left: Left, situation: Situation, steered: Steered): Course | Refusal {
  const { origin, why } = left
  const { route, steer, affinity } = steered
  const { attempts: most } = route.route.retry
  if (affinity.failover === 'none' && !isGone(left)) {
    const { retryAfter: retryAfterMs } = route.route.panic
    const reason = { type: 'session-out', origin: origin.id, retryAfterMs } as const
    return { type: 'refuse', route, reason }
  }
  const course = findCourse(route, steer, situation)
  if (course.type === 'refuse') return course
  const binds = isGone(left) || affinity.failover === 'sticky'
  // When nobody better may serve, its own is as good as any, and knows it.
  const isBack = course.origins.includes(origin)
  const origins = isBack ? lineUp([origin], course.origins, most) : course.origins
  const said = { kept: undefined, left: { origin: origin.id, why }, binds }
  return { ...course, origins, affinity: said }
}

/** A drain that is over is no outage: nothing is left to come back to, whatever the failover. */
function isGone(left: Left | undefined): boolean {
  return left?.why.type === 'draining'
}

/**
 * Whom a request would go to with every share whole and its client bound nowhere, while a share moves: by how many
 * those are it is known what affinity keeps away from a share, and what it adds.
 */
function naturalOf(
  { route, steer, affinity }: Steered,
  situation: Situation,
): CompiledOrigin | undefined {
  const { facts, snapshot } = situation
  const { pools, fallback } = steer
  const isMoving = (index: number) => snapshot.pools[index]?.isMoving === true
  if (!pools.some(isMoving) && !(fallback !== undefined && isMoving(fallback))) return undefined
  const whole = { ...situation, placement: placementOf(affinity, facts), isWhole: true }
  return searchOrigins(route, steer, whole)?.origins[0]
}
