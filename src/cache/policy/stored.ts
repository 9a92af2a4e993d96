import type { Fields } from './message.ts'

/** Raised when a stored head of an older release can no longer be read: such heads count as missing. */
export const STORED_FORMAT = 1

/**
 * What is kept of an answer beside its body, the same in every tier, as JSON. It says by itself how long it is of use:
 * what the policy made of the answer stands in it, so that a hit parses nothing.
 */
export interface Stored {
  readonly format: typeof STORED_FORMAT
  /** The whole key as text: names of tiers are digests, and two keys never share an answer. */
  readonly key: string
  readonly route: string
  /** What purges go by, as the origin was asked for it. */
  readonly host: string
  readonly path: string
  readonly query: string
  readonly tags: readonly string[]
  /** The newest purge that was known when the request was sent. */
  readonly asOf: number
  readonly status: number
  /** As they are given out: no hop-by-hop fields, no fields that `no-cache` or `private` name, no tags. */
  readonly fields: Fields
  /** Where it is known. A body of another length is never given out as whole. */
  readonly bodyBytes: number | undefined
  readonly requestedAtMs: number
  readonly receivedAtMs: number
  /** `corrected_initial_age` of RFC 9111 §4.2.3. */
  readonly initialAgeMs: number
  /** The freshness lifetime of RFC 9111 §4.2.1, or what the route says. */
  readonly freshMs: number
  /** Windows after it, 0 where there is none. */
  readonly staleWhileRevalidateMs: number
  readonly staleIfErrorMs: number
  /** Windows of the route alone: while all origins are out, while one comes back. 0 where staleness is forbidden. */
  readonly staleWhileOutMs: number
  readonly staleWhileRecoveringMs: number
  /** Never used without asking the origin first (`no-cache`). */
  readonly isValidatedAlways: boolean
  /** Not used stale beyond its windows, though a client would take it (`must-revalidate` and its like). */
  readonly isNeverStale: boolean
  /** Names of request headers that its choice hung on (`Vary`), sorted; empty for most. */
  readonly vary: readonly string[]
}

/**
 * Stands under a key whose answers vary: by which request headers. The answers themselves stand under the key
 * and the values of these. What was asked for before `sinceMs` is void (an unsafe method went by, RFC 9111 §4.4).
 */
export interface Variants {
  readonly format: typeof STORED_FORMAT
  readonly key: string
  readonly vary: readonly string[]
  readonly sinceMs: number
}
