import type { Affinity } from '../../schema/affinity.ts'
import { attemptsOf, lineUp } from '../attempts.ts'
import { type Course, findCourse, type Refusal, searchOrigins } from '../search.ts'
import type { Left, Situation } from '../situation.ts'
import type { CompiledOrigin, CompiledRoute, CompiledSteer } from '../snapshot.ts'
import { findHome, type Home } from './bond.ts'
import { departureOf } from './departure.ts'
import { isRemembered, placementOf } from './session-key.ts'

/** Where a request goes on a route with affinity: to where its client is bound as long as it may stay there. */
export function boundCourse(
  route: CompiledRoute,
  steer: CompiledSteer,
  situation: Situation,
): Course | Refusal {
  const { affinity } = route.route
  if (affinity === undefined) return findCourse(route, steer, situation)
  const free = { ...situation, placement: placementOf(affinity, situation.facts) }
  const course = toCourse({ route, steer, affinity, free })
  if (course.type === 'refuse') return course
  const natural = naturalOf(route, steer, free)
  return natural ? { ...course, natural } : course
}

interface Question {
  readonly route: CompiledRoute
  readonly steer: CompiledSteer
  readonly affinity: Affinity
  /** As if the client was bound nowhere. */
  readonly free: Situation
}

function toCourse(question: Question): Course | Refusal {
  const { route, steer, affinity, free } = question
  const remembers = isRemembered(affinity, free.facts)
  const home = remembers ? homeOf(route, free) : undefined
  if (home === undefined) {
    const course = findCourse(route, steer, free)
    const said = { kept: undefined, left: undefined, binds: remembers }
    return course.type === 'course' ? { ...course, affinity: said } : course
  }
  const left = departureOf(home, free)
  return left ? leave(question, home, left) : stay(question, home)
}

/** Where the client of a request is bound, if that is an origin of its route. */
export function homeOf(route: CompiledRoute, { facts, snapshot }: Situation): Home | undefined {
  return facts.bond && findHome(facts.bond, route, snapshot)
}

function stay({ route, steer, affinity, free }: Question, home: Home): Course {
  const { failover } = affinity
  const { origin } = home
  const most = failover === 'none' ? 1 : route.route.retry.attempts
  const others =
    most === 1
      ? []
      : attemptsOf(steer, asStandIn(affinity, home, free), {
          most,
          tolerance: 'none',
        }).origins
  return {
    type: 'course',
    origins: lineUp([origin], others, most),
    // Whoever stays has taken nobody's turn.
    turns: [],
    tolerance: 'none',
    affinity: { kept: origin, left: undefined, binds: failover === 'sticky' },
  }
}

function leave(
  { route, steer, affinity, free }: Question,
  home: Home,
  left: Left,
): Course | Refusal {
  const { origin, why } = left
  // A drain that is over is no outage: nothing is left to come back to.
  const isGone = why.type === 'draining'
  if (affinity.failover === 'none' && !isGone) {
    const retryAfterMs = route.route.panic.retryAfter
    return {
      type: 'refuse',
      route,
      reason: { type: 'session-out', origin: origin.id, retryAfterMs },
    }
  }
  const binds = isGone || affinity.failover === 'sticky'
  const situation = binds ? free : asStandIn(affinity, home, free)
  const course = findCourse(route, steer, { ...situation, left })
  if (course.type === 'refuse') return course
  // When nobody better may serve, its own is as good as any, and knows it.
  const isBack = course.origins.includes(origin)
  const origins = isBack
    ? lineUp([origin], course.origins, route.route.retry.attempts)
    : course.origins
  return {
    ...course,
    origins,
    affinity: { kept: undefined, left: { origin: origin.id, why }, binds },
  }
}

/** A client that is to come back is placed by what tells it from others: its stand-in is the same each time. */
function asStandIn({ failover }: Affinity, { key }: Home, free: Situation): Situation {
  return failover === 'temporary' ? { ...free, placement: key } : free
}

/**
 * Whom a request would go to with every share whole and its client bound nowhere, while a share moves: by how many
 * those are it is known what affinity keeps away from a share, and what it adds.
 */
function naturalOf(
  route: CompiledRoute,
  steer: CompiledSteer,
  free: Situation,
): CompiledOrigin | undefined {
  const { pools } = free.snapshot
  const isMoving =
    steer.pools.some((index) => pools[index]?.isMoving) ||
    (steer.fallback !== undefined && pools[steer.fallback]?.isMoving)
  if (!isMoving) return undefined
  return searchOrigins(route, steer, { ...free, isWhole: true })?.origins[0]
}
