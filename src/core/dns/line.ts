import type { RequestFacts } from '../../schema/facts.ts'
import { poolsInLine } from '../attempts.ts'
import { decideFor } from '../decide.ts'
import type { Tolerance } from '../decision.ts'
import { usableOrigins } from '../eligible.ts'
import { orderingFor } from '../shift.ts'
import { type Inputs, type Situation, toSituation } from '../situation.ts'
import type { CompiledOrigin, CompiledPool, CompiledRoute, CompiledSteer } from '../snapshot.ts'

/** A route that steers. */
export interface SteeringRoute extends CompiledRoute {
  readonly steer: CompiledSteer
}

/** A pool that may serve, those of its origins that requests go to (at least one), and its weight in the route. */
export interface Serving {
  readonly pool: CompiledPool
  readonly origins: readonly CompiledOrigin[]
  readonly weight: number
}

/** Who may serve, first choice first, and how far the decision went to find them. */
export interface Line {
  readonly tolerance: Exclude<Tolerance, 'fail-open'>
  readonly pools: readonly Serving[]
}

/**
 * Who would serve a request with these facts, of a client that nothing binds. Undefined when nobody may: the proxy
 * then refuses, or tries those that are out, and neither is a reason to send anybody there by DNS.
 */
export function lineOf(
  route: SteeringRoute,
  facts: RequestFacts,
  inputs: Omit<Inputs, 'facts'>,
): Line | undefined {
  const { steer } = route
  const whole = { ...inputs, facts }
  // Neither affinity nor a split of writes: who asks for a name is known by neither.
  const decision = decideFor({ route: { ...route, isPlain: true }, match: 0 }, whole)
  if (decision.type !== 'steer' || decision.tolerance === 'fail-open') return undefined
  const { tolerance } = decision
  const situation = toSituation(route.route, steer, whole)
  const most = steer.pools.length
  const inOrder = poolsInLine(steer, situation, { most, tolerance }).pools.map(({ pool }) => pool)
  const pools = servingOf(inOrder, { steer, situation, tolerance })
  // The fallback pool may be well itself; that it is in line at all says that the others are out.
  const isFallback = pools.every(({ pool }) => !steer.pools.includes(pool.index))
  return { tolerance: isFallback ? 'fallback' : tolerance, pools }
}

/** Every pool of the route that may serve now, as they are listed: what a policy by place leaves out, too. */
export function everyoneOf(
  route: SteeringRoute,
  facts: RequestFacts,
  inputs: Omit<Inputs, 'facts'>,
): Line | undefined {
  const line = lineOf(route, facts, inputs)
  if (line === undefined || line.tolerance === 'fallback') return line
  const { steer } = route
  const { tolerance } = line
  const situation = toSituation(route.route, steer, { ...inputs, facts })
  const listed = steer.pools.flatMap((index) => inputs.snapshot.pools[index] ?? [])
  return { tolerance, pools: withWeight(servingOf(listed, { steer, situation, tolerance })) }
}

interface Inquiry {
  readonly steer: CompiledSteer
  readonly situation: Situation
  readonly tolerance: Tolerance
}

function servingOf(pools: readonly CompiledPool[], inquiry: Inquiry): Serving[] {
  const { steer, situation, tolerance } = inquiry
  const { policy, group } = orderingFor(steer, situation)
  return pools.flatMap((pool) => {
    const usable = usableOrigins(pool, situation, tolerance)
    if (usable.length === 0) return []
    // A pool of a policy by place has a weight in each place, and none beyond.
    const own = policy === 'geo' ? 1 : group.weights[steer.pools.indexOf(pool.index)]
    return [{ pool, weight: own ?? 0, origins: receiversOf(pool, usable) }]
  })
}

/** Of the origins that may serve, those that requests go to: who has no weight, or stands behind another, waits. */
function receiversOf(pool: CompiledPool, usable: readonly number[]): readonly CompiledOrigin[] {
  const origins = usable.flatMap((position) => pool.origins[position] ?? [])
  const receivers = withWeight(origins)
  return pool.ordering.policy === 'failover' ? receivers.slice(0, 1) : receivers
}

function withWeight<Member extends { readonly weight: number }>(
  members: readonly Member[],
): readonly Member[] {
  const weighted = members.filter(({ weight }) => weight > 0)
  return weighted.length > 0 ? weighted : members
}
