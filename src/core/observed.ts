import type { ExclusionReason } from '../schema/reason.ts'
import type { OriginObservation } from './observation.ts'
import type { Situation } from './situation.ts'
import type { CompiledOrigin } from './snapshot.ts'

/** Why an origin can take no request more, if so. */
export function capacityExclusion(
  { maxConnections }: CompiledOrigin,
  seen: OriginObservation | undefined,
): ExclusionReason | undefined {
  if (seen === undefined || maxConnections === undefined) return undefined
  const { inFlight, room = 1 } = seen
  if (inFlight < maxConnections && room > 0) return undefined
  return { type: 'at-capacity', inFlight, maxConnections }
}

/** Why an origin that has failed too often is passed over, if so: it is ejected, or enough requests try it already. */
export function ejectionExclusion(
  seen: OriginObservation | undefined,
  { facts }: Situation,
): ExclusionReason | undefined {
  if (seen === undefined) return undefined
  const { ejectedUntilMs, ejectedFor, trials, trialsUnderWay } = seen
  const remainingMs = ejectedUntilMs - facts.nowMs
  if (remainingMs > 0) return { type: 'ejected', remainingMs, cause: ejectedFor }
  if (trials === 0 || trialsUnderWay < trials) return undefined
  return { type: 'on-trial', underWay: trialsUnderWay, trials }
}
