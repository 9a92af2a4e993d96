import { deltaMsOf, MOST_SECONDS } from './cache-control.ts'
import { valueOf } from './fields.ts'
import { parseHttpDate } from './http-date.ts'
import type { CacheResponse, Timing } from './message.ts'
import type { Stored } from './stored.ts'

/** The moment of `Date`; where there is none that can be read, the moment it was received (RFC 9110 §6.6.1). */
export function dateOf({ fields }: CacheResponse, { receivedAtMs }: Timing): number {
  const value = valueOf(fields, 'date')
  return (value === undefined ? undefined : parseHttpDate(value, receivedAtMs)) ?? receivedAtMs
}

/** `corrected_initial_age` (RFC 9111 §4.2.3) in ms. Never negative: a clock that is ahead makes nothing younger. */
export function initialAgeOf(response: CacheResponse, timing: Timing): number {
  const { requestedAtMs, receivedAtMs } = timing
  const apparentMs = Math.max(0, receivedAtMs - dateOf(response, timing))
  const delayMs = Math.max(0, receivedAtMs - requestedAtMs)
  return Math.max(apparentMs, ageValueOf(response) + delayMs)
}

/** `current_age` (RFC 9111 §4.2.3) of a stored answer in ms. */
export function ageOf(
  stored: Pick<Stored, 'initialAgeMs' | 'receivedAtMs'>,
  nowMs: number,
): number {
  return stored.initialAgeMs + Math.max(0, nowMs - stored.receivedAtMs)
}

/** `Age` as it is given out, in whole seconds, at most 2^31 (RFC 9111 §5.1). */
export function ageSecondsOf(
  stored: Pick<Stored, 'initialAgeMs' | 'receivedAtMs'>,
  nowMs: number,
): number {
  return Math.min(Math.floor(ageOf(stored, nowMs) / 1000), MOST_SECONDS)
}

/** The first value of `Age`; one that is no whole number counts as missing (RFC 9111 §5.1). */
function ageValueOf({ fields }: CacheResponse): number {
  return deltaMsOf(valueOf(fields, 'age')?.split(',')[0]?.trim())
}
