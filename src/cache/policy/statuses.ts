import { NEVER_STORED } from '../../schema/cache-statuses.ts'

/** Of RFC 9110 §15.1, without 206, which is never stored here. */
const HEURISTIC = new Set([200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501])

/** What "negative" of a route's "ttl" is for; 421 and 451 are so by RFC 9110 §15.5.20 and RFC 7725 §3. */
const NEGATIVE = new Set([404, 405, 410, 414, 421, 451, 501])

/** What "default" of a route's "ttl" is for. */
const DEFAULT = new Set([200, 203, 204, 300, 301, 308, 410])

/** Statuses whose rules of caching this cache knows and keeps (RFC 9111 §3, `must-understand`). */
const UNDERSTOOD = new Set([
  200, 201, 202, 203, 204, 205, 300, 301, 302, 303, 307, 308, 400, 401, 402, 403, 404, 405, 406,
  408, 409, 410, 411, 413, 414, 415, 417, 421, 422, 426, 451, 500, 501, 502, 503, 504, 505,
])

/** Whether a lifetime may be guessed (RFC 9110 §15.1). */
export function isHeuristicallyCacheable(status: number): boolean {
  return HEURISTIC.has(status)
}

/** Whether "negative" of a route speaks of it. */
export function isNegative(status: number): boolean {
  return NEGATIVE.has(status)
}

/** Whether "default" of a route speaks of it. */
export function hasDefaultTtl(status: number): boolean {
  return DEFAULT.has(status)
}

/** Whether an answer of this status may be stored, whatever it says. */
export function isStorable(status: number): boolean {
  return status >= 200 && !NEVER_STORED.has(status)
}

/** Whether `must-understand` lets it be stored. */
export function isUnderstood(status: number): boolean {
  return UNDERSTOOD.has(status)
}

/** An answer that counts as a failure of its origin (RFC 5861 §4). */
export function isFailure(status: number): boolean {
  return status === 500 || status === 502 || status === 503 || status === 504
}
