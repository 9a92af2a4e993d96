import type { Quota } from '../../schema/limit.ts'

/**
 * What was taken of the quotas of one key, by the generic cell rate algorithm in its form of a continuous-state
 * leaky bucket (ITU-T I.371 §A.2). A level counts in parts of a request, `perMs` of them to one, so that each
 * millisecond takes exactly `requests` of them away: whole numbers throughout, nothing is ever rounded.
 */
export interface Bucket {
  /** When the levels were true. */
  readonly atMs: number
  /** Aligned with the quotas. */
  readonly levels: readonly number[]
}

/** Nothing taken yet. */
export function emptyBucket(quotas: readonly Quota[], nowMs: number): Bucket {
  return { atMs: nowMs, levels: quotas.map(() => 0) }
}

/**
 * The bucket as it is now. When the clock has jumped back nothing leaks for that time, and it leaks from the new
 * time on: a jump refuses nobody for longer than a level lasts.
 */
export function leak(bucket: Bucket, quotas: readonly Quota[], nowMs: number): Bucket {
  if (nowMs === bucket.atMs) return bucket
  const elapsedMs = Math.max(0, nowMs - bucket.atMs)
  const levels = bucket.levels.map((level, at) =>
    Math.max(0, level - elapsedMs * (quotas[at]?.requests ?? 0)),
  )
  return { atMs: nowMs, levels }
}

/** How long until so many more requests may come, by all quotas; 0 when they may now. */
export function waitMsOf({ levels }: Bucket, quotas: readonly Quota[], count = 1): number {
  let waitMs = 0
  for (const [at, { requests, perMs, burst }] of quotas.entries()) {
    const over = (levels[at] ?? 0) + (count - burst) * perMs
    if (over > 0) waitMs = Math.max(waitMs, Math.ceil(over / requests))
  }
  return waitMs
}

/** How many requests one quota has left now; none when more was taken than it had. */
export function leftOf(level: number, { perMs, burst }: Quota): number {
  return Math.max(0, Math.floor(burst - level / perMs))
}

/** How many requests may come now, by all quotas. */
export function leftOfAll({ levels }: Bucket, quotas: readonly Quota[]): number {
  return quotas.reduce(
    (least, quota, at) => Math.min(least, leftOf(levels[at] ?? 0, quota)),
    Number.MAX_SAFE_INTEGER,
  )
}

/** How long until one quota has one request more than now; 0 when it has them all. */
export function moreInMsOf(level: number, { requests, perMs, burst }: Quota): number {
  if (level <= 0) return 0
  // Whole requests come back one by one; beyond the brim the first of them has to leak down to it.
  const parts = level > burst * perMs ? level - (burst - 1) * perMs : level % perMs || perMs
  return Math.ceil(parts / requests)
}

/**
 * Takes so many requests of every quota, asked or not: what has happened counts, even beyond the brim. A negative
 * count gives back.
 */
export function pour(bucket: Bucket, quotas: readonly Quota[], count: number): Bucket {
  const levels = bucket.levels.map((level, at) =>
    Math.max(0, level + count * (quotas[at]?.perMs ?? 0)),
  )
  return { atMs: bucket.atMs, levels }
}

/** When nothing of it is left, and forgetting it changes nothing. */
export function emptyAtMs({ atMs, levels }: Bucket, quotas: readonly Quota[]): number {
  const lastMs = quotas.reduce((most, { requests }, at) => {
    return Math.max(most, Math.ceil((levels[at] ?? 0) / requests))
  }, 0)
  return atMs + lastMs
}
