import { parseRetryAfter } from '../outbound/retry-after.ts'
import type { Outcome, Trip } from './trip.ts'

/** The pause before the same origin is tried again grows to at most so many times its base (Envoy: 10). */
const LONGEST_BACKOFF = 10

/**
 * Whether an origin is not to be tried again for the same request: it has stalled, which the same request
 * does not cure, or it has asked for a pause (`Retry-After`).
 */
export function isSpent(outcome: Outcome): boolean {
  if (outcome.type === 'failed') return outcome.failure.type === 'timeout'
  const asked = outcome.response.headers.get('retry-after')
  return parseRetryAfter(asked, Date.now()) > 0
}

/**
 * How long to wait after so many attempts: not at all before an origin that was not tried yet. `undefined`
 * when the time of the whole request would be over.
 */
export function pauseBefore({ decision, passage }: Trip, made: number): number | undefined {
  const { timeouts, retry } = decision.route.route
  const { total = Infinity } = timeouts
  const leftMs = passage.arrivedAtMs + total - Date.now()
  const rounds = Math.floor(made / decision.attempts.length)
  // Full jitter (AWS Architecture Blog, "Exponential Backoff And Jitter"), so that retries do not march in step.
  const longestMs = rounds === 0 ? 0 : retry.backoff * Math.min(2 ** (rounds - 1), LONGEST_BACKOFF)
  const pauseMs = Math.ceil(Math.random() * longestMs)
  return pauseMs < leftMs ? pauseMs : undefined
}
