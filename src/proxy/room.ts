import type { CompiledOrigin } from '../core/snapshot.ts'
import type { Outcome, Trip } from './trip.ts'

/**
 * The trip without the origins still to be tried that are at their caps: others may have filled them since the decision,
 * while a body was read or an attempt failed. `undefined` when nobody is left. `last`: the attempt before, whose
 * place is free if another follows.
 */
export function passOverCapped(trip: Trip, made: number, last?: Outcome): Trip | undefined {
  const { attempts } = trip.decision
  const isCapped = (origin: CompiledOrigin) => isAtCap(trip, origin, last)
  if (!attempts.some(isCapped)) return trip
  const left = attempts.filter((origin, at) => at < made - 1 || !isCapped(origin))
  const next = left[(made - 1) % left.length]
  if (next === undefined || isCapped(next)) return undefined
  return { ...trip, decision: { ...trip.decision, attempts: left } }
}

function isAtCap({ passage }: Trip, { index }: CompiledOrigin, last: Outcome | undefined): boolean {
  const record = passage.standing.ledger.origins[index]
  if (record?.cap === undefined) return false
  const { cap, inFlight, room = Infinity } = record
  const leaving = last?.type === 'answer' && last.hold?.attempt.record === record ? 1 : 0
  return Math.min(cap - inFlight, room) + leaving <= 0
}

/** What comes of a trip that nobody has room for. */
export function nobodyHasRoom({ decision: { route } }: Trip, origin: CompiledOrigin): Outcome {
  const { retryAfter: retryAfterMs } = route.route.panic
  const failure = { type: 'full', route: route.id, retryAfterMs } as const
  return { type: 'failed', origin, failure, attempts: 0 }
}
