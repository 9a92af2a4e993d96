import type { RequestFacts } from '../schema/facts.ts'
import type { Key } from '../schema/key.ts'
import { type Vector, toVector } from './kernel/globe.ts'
import type { Observations } from './observation.ts'
import type { CompiledSteer, Snapshot } from './snapshot.ts'

/** What one decision is made from, with what is derived from it once. */
export interface Situation {
  readonly facts: RequestFacts
  readonly snapshot: Snapshot
  readonly observations: Observations
  /** What the route's policy goes by; a pool admits its share of clients by it. */
  readonly key: Key
  /** Where the client is on the unit sphere, when the edge knows. */
  readonly position: Vector | undefined
}

/** The situation of a request that a route steers. */
export function toSituation(
  steer: CompiledSteer,
  inputs: Pick<Situation, 'facts' | 'snapshot' | 'observations'>,
): Situation {
  const { location } = inputs.facts.client
  return {
    ...inputs,
    key: steer.ordering.key,
    position: location && toVector(location),
  }
}
