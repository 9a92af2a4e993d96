import type { RequestFacts } from '../schema/facts.ts'
import { originIn } from './attempts.ts'
import { courseOf } from './course.ts'
import type { Decision } from './decision.ts'
import { invariant } from './invariant.ts'
import { hashText } from './kernel/hash.ts'
import { bucketPercent } from './kernel/share.ts'
import type { Observations } from './observation.ts'
import { type Inputs, type Situation, toSituation } from './situation.ts'
import type { CompiledOrigin, CompiledRoute, Snapshot } from './snapshot.ts'

/** Keeps the draw for mirroring apart from the draws that choose pools and origins. */
const MIRROR_SALT = hashText('mirror')

/** The route of a request, and which of its matches it was. */
export interface FoundRoute {
  readonly route: CompiledRoute
  readonly match: number
}

/** Finds the route of a request; what it says of limits and affinity is settled before the decision. */
export function findRoute(facts: RequestFacts, snapshot: Snapshot): FoundRoute | undefined {
  const matched = snapshot.table.find(facts)
  const route = matched && snapshot.routes[matched.route]
  return route && { route, match: matched.match }
}

/**
 * Decides what happens to a request. Pure and synchronous: the same facts, snapshot and observations give
 * the same decision, whatever the clock. `facts.nowMs` and `facts.random` are the only time and chance.
 */
export function decide(
  facts: RequestFacts,
  snapshot: Snapshot,
  observations: Observations,
): Decision {
  const found = findRoute(facts, snapshot)
  if (!found) return { type: 'refuse', reason: { type: 'no-route' } }
  return decideFor(found, { facts, snapshot, observations })
}

/** The same for a route that was found already. */
export function decideFor({ route, match }: FoundRoute, inputs: Inputs): Decision {
  const { respond, redirect } = route.route
  if (respond) return { type: 'respond', route, respond }
  if (redirect) return { type: 'redirect', route, redirect }
  const { steer } = route
  invariant(steer, 'a route that neither responds nor redirects steers')
  const situation = toSituation(route.route, steer, inputs)
  const course = courseOf(route, steer, situation)
  if (course.type === 'refuse') return course
  const { origins, tolerance, turns, affinity, natural } = course
  const mirror = mirrorOf(route, situation)
  const steered = {
    type: 'steer',
    route,
    match,
    attempts: origins,
    tolerance,
    mirror,
    turns,
  } as const
  return affinity ? { ...steered, affinity, ...(natural && { natural }) } : steered
}

function mirrorOf(
  { route, steer }: CompiledRoute,
  situation: Situation,
): CompiledOrigin | undefined {
  if (!route.mirror || steer?.mirror === undefined) return undefined
  const draw = Math.floor(situation.facts.random * 2 ** 32)
  if (bucketPercent(draw, MIRROR_SALT) >= route.mirror.percent) return undefined
  const pool = situation.snapshot.pools[steer.mirror]
  return pool && originIn(pool, situation)
}
