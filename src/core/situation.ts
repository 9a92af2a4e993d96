import type { RequestFacts } from '../schema/facts.ts'
import type { Key } from '../schema/key.ts'
import type { ExclusionReason } from '../schema/reason.ts'
import type { Route } from '../schema/route.ts'
import { type Vector, toVector } from './kernel/globe.ts'
import { hashKey } from './kernel/key.ts'
import type { Observations } from './observation.ts'
import type { CompiledOrigin, CompiledPool, CompiledSteer, Snapshot } from './snapshot.ts'

/** What one decision is made from, with what is derived from it once. */
export interface Situation {
  readonly facts: RequestFacts
  readonly snapshot: Snapshot
  readonly observations: Observations
  /** What the route's policy goes by; a pool admits its share of clients by it. */
  readonly key: Key
  /** Where the client is on the unit sphere, when the edge knows. */
  readonly position: Vector | undefined
  readonly criticality: Route['criticality']
  readonly hasAffinity: boolean
  /** By what affinity places the client, in place of every key of a policy. */
  readonly placement: number | undefined
  /** Where the client belongs and may not stay now: excluded, whoever else may go there. */
  readonly left: Left | undefined
  /** Whether every share counts as whole: to tell whom a request would go to in the end. */
  readonly isWhole: boolean
}

/** An origin that its own client has to leave, and its pool if that is why. */
export interface Left {
  readonly origin: CompiledOrigin
  readonly pool: CompiledPool | undefined
  readonly why: ExclusionReason
}

/** What a situation is made from. */
export type Inputs = Pick<Situation, 'facts' | 'snapshot' | 'observations'>

/** The situation of a request that a route steers, of a client that is free to go anywhere. */
export function toSituation(route: Route, steer: CompiledSteer, inputs: Inputs): Situation {
  const { facts, snapshot, observations } = inputs
  const { location } = facts.client
  return {
    facts,
    snapshot,
    observations,
    key: steer.ordering.key,
    position: location && toVector(location),
    criticality: route.criticality,
    hasAffinity: route.affinity !== undefined,
    placement: undefined,
    left: undefined,
    isWhole: false,
  }
}

/** The hash of a key for this request: of a client that affinity places, that by which it does. */
export function hashFor(key: Key, { facts, snapshot, placement }: Situation): number {
  return placement ?? hashKey(key, facts, snapshot.settings.sessionCookie)
}
