import type { RequestFacts } from '../schema/facts.ts'
import { attemptsOf, originIn } from './attempts.ts'
import type { Decision, Tolerance } from './decision.ts'
import { invariant } from './invariant.ts'
import { hashText } from './kernel/hash.ts'
import { bucketPercent } from './kernel/share.ts'
import type { Observations } from './observation.ts'
import { type Situation, toSituation } from './situation.ts'
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
export function decideFor(
  { route, match }: FoundRoute,
  inputs: Pick<Situation, 'facts' | 'snapshot' | 'observations'>,
): Decision {
  const { respond, redirect } = route.route
  if (respond) return { type: 'respond', route, respond }
  if (redirect) return { type: 'redirect', route, redirect }
  const { steer } = route
  invariant(steer, 'a route that neither responds nor redirects steers')
  const situation = toSituation(steer, inputs)
  const most = route.route.retry.attempts
  for (const tolerance of tolerancesOf(route)) {
    const { origins, turns } = attemptsOf(steer, situation, { most, tolerance })
    if (origins.length === 0) continue
    const mirror = mirrorOf(route, situation)
    return {
      type: 'steer',
      route,
      match,
      attempts: origins,
      tolerance,
      mirror,
      turns,
    }
  }
  return refuseSteer(route, inputs.snapshot)
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

function refuseSteer(route: CompiledRoute, { pools }: Snapshot): Decision {
  const candidates = new Set([...(route.steer?.pools ?? []), route.steer?.fallback])
  const excluded = [...candidates].reduce<number>(
    (sum, index) => sum + (index === undefined ? 0 : (pools[index]?.origins.length ?? 0)),
    0,
  )
  const retryAfterMs = route.route.panic.retryAfter
  return {
    type: 'refuse',
    route,
    reason: { type: 'no-origin', route: route.id, excluded, retryAfterMs },
  }
}
