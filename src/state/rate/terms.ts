import type { Quota } from '../../schema/limit.ts'

/** How isolates lease the requests of a quota, all in all. What they are worth is in docs/limits.md, as formulas. */
export interface Terms {
  /** How long what was leased may be spent. */
  readonly leaseMs: number
  /** Most that one isolate holds of one key. */
  readonly most: number
  /** How many requests of one key an isolate lets in before anybody has told it how the key stands. */
  readonly slack: number
  /** How many have to be left for that: near the brim everybody asks. */
  readonly room: number
}

/** A lease lasts a tenth of the shortest window, within these. */
const LEASE = { leastMs: 500, mostMs: 10_000 } as const

/**
 * An isolate holds a tenth of what may come at once, or half of what a lease may see come; it spends a fiftieth
 * ahead: of a small limit, nothing.
 */
const PARTS = { held: 10, ofLease: 2, ahead: 50 } as const

/** The terms of a limit: all that they hang on is its quotas, so that nobody has to be told. */
export function termsOf(quotas: readonly Quota[]): Terms {
  const burst = Math.min(...quotas.map((quota) => quota.burst))
  const shortestMs = Math.min(...quotas.map(({ perMs }) => perMs))
  const leaseMs = Math.min(LEASE.mostMs, Math.max(LEASE.leastMs, shortestMs / 10))
  const inLease = Math.min(...quotas.map(({ requests, perMs }) => (requests * leaseMs) / perMs))
  const most = Math.max(burst / PARTS.held, Math.min(burst, inLease) / PARTS.ofLease)
  return {
    leaseMs,
    most: Math.max(1, Math.floor(most)),
    slack: Math.floor(burst / PARTS.ahead),
    room: burst / 2,
  }
}
