import type { Balance, Steer } from '../../schema/steer.ts'
import { failover } from './failover.ts'
import { compileGeo } from './geo.ts'
import { hash } from './hash.ts'
import { latency } from './latency.ts'
import { leastConnections } from './least-connections.ts'
import { leastResponseTime } from './least-response-time.ts'
import type { Order } from './order.ts'
import { proximity } from './proximity.ts'
import { random } from './random.ts'
import { roundRobin } from './round-robin.ts'
import { weighted } from './weighted.ts'

/** The name of a steering policy or balancing algorithm. */
export type PolicyName = Steer['policy'] | Balance['algorithm']

/** The schema arms of each policy: of `steer`, of `balance`, or of both. */
type Arms = {
  readonly [Name in PolicyName]:
    | Extract<Steer, { policy: Name }>
    | Extract<Balance, { algorithm: Name }>
}

type Registry = {
  readonly [Name in PolicyName]: (arm: Arms[Name], ids: readonly string[]) => Order
}

const REGISTRY: Registry = {
  failover: () => failover,
  weighted: () => weighted,
  hash: () => hash,
  'round-robin': () => roundRobin,
  random: () => random,
  geo: compileGeo,
  proximity: () => proximity,
  latency: ({ explore }) => latency(explore),
  'least-connections': () => leastConnections,
  'least-response-time': () => leastResponseTime,
}

/** The order of a policy for a group with these ids: steering and balancing are the same kind of thing. */
export function compileOrder(policy: Steer | Balance, ids: readonly string[]): Order {
  return compileArm('policy' in policy ? policy.policy : policy.algorithm, policy, ids)
}

function compileArm<Name extends PolicyName>(
  name: Name,
  arm: Arms[Name],
  ids: readonly string[],
): Order {
  return REGISTRY[name](arm, ids)
}
