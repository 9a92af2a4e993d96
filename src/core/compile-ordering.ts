import type { Key } from '../schema/key.ts'
import type { Location } from '../schema/place.ts'
import type { Balance, Steer } from '../schema/steer.ts'
import { toVector } from './kernel/globe.ts'
import { hashText } from './kernel/hash.ts'
import { compileOrder } from './order/registry.ts'
import { isRotating } from './order/round-robin.ts'
import { weighted } from './order/weighted.ts'
import type { Ordering } from './snapshot.ts'

/** One thing to be ordered: an origin in its pool, or a pool in its route. */
export interface Member {
  readonly id: string
  readonly weight: number
  readonly location: Location | undefined
}

/** Compiles a policy over its members; `id` names the group among all (`pool:us`, `route:api`). */
export function compileOrdering(
  id: string,
  policy: Steer | Balance,
  members: readonly Member[],
): Ordering {
  const ids = members.map((member) => member.id)
  const name = 'policy' in policy ? policy.policy : policy.algorithm
  const order = compileOrder(policy, ids)
  return {
    policy: name,
    key: keyOf(policy),
    group: {
      id,
      salt: hashText(id),
      ids,
      // Typed, because freezing a plain array of 32-bit numbers boxes each of them: ordering costs twice as much.
      hashes: Uint32Array.from(ids, (each) => hashText(each)),
      weights: Float64Array.from(members, (member) => member.weight),
      vectors: members.map(({ location }) => location && toVector(location)),
    },
    order,
    keyed: keepsPlaces(policy) ? order : weighted,
    // A client of one place is not sent to the pools of another.
    takesAll: name !== 'geo',
    rotates: isRotating(name),
  }
}

/** Policies of a route that go by key, place or list, or would tell distant pools apart from near ones. */
const KEYED_POLICIES: readonly string[] = [
  'weighted',
  'hash',
  'geo',
  'failover',
  'proximity',
  'latency',
]

/** Algorithms of a pool that go by key, place or list. */
const KEYED_ALGORITHMS: readonly string[] = ['weighted', 'hash', 'failover', 'proximity']

/**
 * Whether a policy orders members for clients that affinity places by key: the others, which go by turns, chance
 * or load, would send equal keys to different members.
 */
function keepsPlaces(policy: Steer | Balance): boolean {
  return 'policy' in policy
    ? KEYED_POLICIES.includes(policy.policy)
    : KEYED_ALGORITHMS.includes(policy.algorithm)
}

/**
 * A policy that goes by no key still admits clients to a growing share and breaks ties, by the default key of
 * its kind: a client stays in its pool, while requests spread over the origins of one.
 */
function keyOf(policy: Steer | Balance): Key {
  if ('key' in policy) return policy.key
  return 'policy' in policy ? 'client' : 'random'
}
