import type { ClientFacts } from '../../schema/facts.ts'
import type { Vector } from '../kernel/globe.ts'

/**
 * What a policy orders: the pools of a route or the origins of a pool. Parallel arrays; member `i` is
 * `ids[i]`, and every list of members is a list of such positions.
 */
export interface Group {
  /** Names the group for its round-robin credits: `route:<id>`, `shift:<id>` or `pool:<id>`. */
  readonly id: string
  /** Sets what chance draws for this group apart from what it draws for others. */
  readonly salt: number
  readonly ids: readonly string[]
  /** `hashText` of each id, taken once at compile time. */
  readonly hashes: ArrayLike<number>
  /** Relative weights, 0 or more. Weight 0 takes no first place while another member has weight. */
  readonly weights: ArrayLike<number>
  readonly vectors: readonly (Vector | undefined)[]
}

/** What an isolate has seen of one member: an origin, or a pool as the sum of its origins. */
export interface Load {
  readonly inFlight: number
  /** How many of them are in other isolates, as far as was heard: late, and the same for all who heard it. */
  readonly others?: number
  /** Decayed time to the response headers in milliseconds; absent before the first response. */
  readonly latencyMs: number | undefined
}

/** What one decision gives a policy to choose by. */
export interface Draw {
  /** 32-bit hash of the policy's key: equal keys are ordered equally. */
  readonly key: number
  /** The request's chance in [0, 1), independent of `key` unless the key is `random`. */
  readonly random: number
  readonly client: ClientFacts
  /** Where the client is on the unit sphere, when the edge knows. */
  readonly position: Vector | undefined
  /** How many places are wanted: an order may stop there. At least 1. */
  readonly take: number
  /** Smooth round-robin credits of this group, by member; empty before the first turn. */
  readonly credits: readonly number[]
  load(member: number): Load
}

/**
 * Orders `eligible` members, best first: a list without repetition of at most `take` of them, all of them
 * when `take` allows and the policy leaves none out. Pure. Never looks at health: who may serve was settled before.
 */
export type Order = (group: Group, eligible: readonly number[], draw: Draw) => number[]
