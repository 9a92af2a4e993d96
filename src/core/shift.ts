import { bucketPercent } from './kernel/share.ts'
import { hashFor, type Situation } from './situation.ts'
import type { CompiledShift, CompiledSteer, Ordering } from './snapshot.ts'

/**
 * The ordering of a route for this request: that of its configuration, or while its weights are on their way and
 * the client is among those that go first, that of the target. So a client moves when its turn comes and at no
 * other step, and only if the two orderings send it to different pools.
 */
export function orderingFor({ ordering, shift }: CompiledSteer, situation: Situation): Ordering {
  if (shift === undefined) return ordering
  return shiftBucket(shift, situation) < shift.percent ? shift.ordering : ordering
}

/** When the turn of this request's client comes, in percent of the way. */
export function shiftBucket({ hash }: CompiledShift, situation: Situation): number {
  return bucketPercent(hashFor(situation.key, situation), hash)
}
