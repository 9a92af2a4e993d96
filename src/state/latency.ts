import type { LatencyCounts } from '../schema/report.ts'

/**
 * Latencies counted in buckets whose bounds grow by a fixed factor, so that a quantile is right to within that
 * factor whatever the distribution, and counts of several sources add up (DDSketch: Masson, Rim and Lee,
 * VLDB 2019). 64 buckets by 1.2 from 1 ms reach 97 s; the last one takes all that is slower.
 */
export const LATENCY = { buckets: 64, growth: 1.2 } as const

const LOG_GROWTH = Math.log(LATENCY.growth)
const LAST = LATENCY.buckets - 1

/** The bucket of a latency: 0 up to 1 ms, then bucket k from above 1.2^(k-1) to 1.2^k ms. */
export function bucketOf(latencyMs: number): number {
  if (!(latencyMs > 1)) return 0
  // Less a hair, so that the upper bound of a bucket lies in it although logarithms are rounded.
  return Math.min(LAST, Math.ceil(Math.log(latencyMs) / LOG_GROWTH - 1e-9))
}

/** The latency that no request in the bucket exceeds, in milliseconds. The last bucket has no such bound. */
export function upperBoundMs(bucket: number): number {
  return bucket === 0 ? 1 : LATENCY.growth ** bucket
}

/**
 * The latency in milliseconds that the share `q` (0 to 1) of what was counted does not exceed: at most 20 %
 * above the true one, never below it. `undefined` where nothing was counted.
 */
export function quantile(counts: LatencyCounts, q: number): number | undefined {
  return quantileOf(counts, q, countOf(counts))
}

/** The same of counts by bucket in a row. */
export function quantileIn(counts: Uint32Array, q: number): number | undefined {
  return quantileOf(counts, q, sumOf(counts))
}

function quantileOf(
  counts: { readonly [bucket: number]: number | undefined },
  q: number,
  total: number,
): number | undefined {
  if (total === 0) return undefined
  // At least one: the quantile 0 is the fastest request, not nothing.
  const rank = Math.max(1, Math.ceil(total * q))
  let seen = 0
  for (let bucket = 0; bucket < LAST; bucket += 1) {
    seen += counts[bucket] ?? 0
    if (seen >= rank) return upperBoundMs(bucket)
  }
  return upperBoundMs(LAST)
}

/** The counts of both together. */
export function add(left: LatencyCounts, right: LatencyCounts): LatencyCounts {
  const sum: Record<string, number> = { ...left }
  for (const [bucket, count] of Object.entries(right)) sum[bucket] = (sum[bucket] ?? 0) + count
  return sum
}

/** How many requests were counted. */
export function countOf(counts: LatencyCounts): number {
  let total = 0
  for (const count of Object.values(counts)) total += count
  return total
}

function sumOf(counts: Uint32Array): number {
  let total = 0
  for (const count of counts) total += count
  return total
}
