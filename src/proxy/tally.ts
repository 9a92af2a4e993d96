import type { LatencyCounts, ShareCounts } from '../schema/report.ts'
import { bucketOf, LATENCY } from '../state/latency.ts'
import type { OutlierEvent } from '../state/outlier.ts'

/** What an isolate has seen of one origin since it last reported. Plain counters: every attempt moves them. */
export interface Tally {
  requests: number
  failures: number
  errors: number
  /** By bucket; made when there is a first one to count: most isolates see few of thousands of origins. */
  latencies: Uint32Array | undefined
  /** Whom affinity keeps there; made when a share moves, which few ever do. */
  shares: Shares | undefined
}

type Shares = { -readonly [Name in keyof ShareCounts]: number }

/** Nothing seen. */
export function createTally(): Tally {
  return { requests: 0, failures: 0, errors: 0, latencies: undefined, shares: undefined }
}

/** Counts what came of one attempt. */
export function count(tally: Tally, event: OutlierEvent, latencyMs: number | undefined): void {
  tally.requests += 1
  if (event === 'failure') tally.failures += 1
  else if (event === 'error') tally.errors += 1
  if (latencyMs === undefined) return
  const bucket = bucketOf(latencyMs)
  tally.latencies ??= new Uint32Array(LATENCY.buckets)
  tally.latencies[bucket] = (tally.latencies[bucket] ?? 0) + 1
}

/** Whom affinity keeps, to count one more. */
export function sharesIn(tally: Tally): Shares {
  tally.shares ??= { natural: 0, free: 0, kept: 0 }
  return tally.shares
}

/** What a report says of a tally. */
export interface Tallied {
  readonly requests: number
  readonly failures: number
  readonly errors: number
  readonly latencies: LatencyCounts
  readonly shares?: ShareCounts
}

/** Takes what was counted; the tally begins anew. */
export function takeTally(tally: Tally): Tallied {
  const { requests, failures, errors, shares } = tally
  const latencies: Record<string, number> = {}
  tally.latencies?.forEach((counted, bucket) => {
    if (counted > 0) latencies[bucket] = counted
  })
  tally.latencies?.fill(0)
  tally.requests = 0
  tally.failures = 0
  tally.errors = 0
  tally.shares = undefined
  return { requests, failures, errors, latencies, ...(shares && { shares }) }
}
