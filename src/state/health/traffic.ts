import * as z from 'zod'
import {
  LatencyCounts,
  type Measure,
  type PassiveReport,
  ShareCounts,
} from '../../schema/report.ts'
import { add } from '../latency.ts'

/** Traffic is counted by the second in which it is reported, for ten minutes. */
export const TRAFFIC = { partMs: 1000, keptMs: 600_000 } as const

/**
 * Whom affinity keeps is counted over the last seconds, as many as it takes to have enough: the newest says most,
 * since every answer binds somebody.
 */
const SHARES = { leastMs: 5000, mostMs: 60_000, enough: 500 } as const

/** What all isolates reported within one second. */
export const TrafficPart = z.object({
  atMs: z.number(),
  requests: z.int(),
  failures: z.int(),
  errors: z.int(),
  latencies: LatencyCounts,
  shares: ShareCounts.optional(),
})
export type TrafficPart = z.output<typeof TrafficPart>

/** What is known of the traffic of an origin. */
export const Traffic = z.object({
  /** Nothing before it is known. */
  sinceMs: z.number(),
  /** Only seconds in which something was reported; the oldest first. */
  parts: z.array(TrafficPart),
})
export type Traffic = z.output<typeof Traffic>

/** Nothing counted yet. */
export const initialTraffic: Traffic = { sinceMs: 0, parts: [] }

type Counts = Omit<TrafficPart, 'atMs'>
const NOTHING: Counts = { requests: 0, failures: 0, errors: 0, latencies: {} }

/** The traffic with one more report. Later reports than the last are never older: see `rebaseTraffic`. */
export function countTraffic(traffic: Traffic, report: PassiveReport, nowMs: number): Traffic {
  if (report.requests === 0 && report.shares === undefined) return traffic
  const atMs = Math.floor(nowMs / TRAFFIC.partMs) * TRAFFIC.partMs
  const { parts } = traffic
  const last = parts.at(-1)
  if (last?.atMs === atMs) {
    return { ...traffic, parts: [...parts.slice(0, -1), { atMs, ...sum(last, report) }] }
  }
  return { ...traffic, parts: [...dropOld(parts, nowMs), { atMs, ...sum(NOTHING, report) }] }
}

function dropOld(parts: readonly TrafficPart[], nowMs: number): readonly TrafficPart[] {
  const from = parts.findIndex(({ atMs }) => atMs > nowMs - TRAFFIC.keptMs)
  return from === -1 ? [] : parts.slice(from)
}

function sum(left: Counts, right: Counts): Counts {
  return {
    requests: left.requests + right.requests,
    failures: left.failures + right.failures,
    errors: left.errors + right.errors,
    latencies: add(left.latencies, right.latencies),
    ...sharesIn(addShares(left.shares, right.shares)),
  }
}

function sharesIn(shares: ShareCounts | undefined) {
  return shares === undefined ? {} : { shares }
}

/** The sum of two counts of whom affinity keeps; undefined where neither counted. */
export function addShares(
  left: ShareCounts | undefined,
  right: ShareCounts | undefined,
): ShareCounts | undefined {
  if (left === undefined || right === undefined) return left ?? right
  return {
    natural: left.natural + right.natural,
    free: left.free + right.free,
    kept: left.kept + right.kept,
  }
}

/**
 * What was reported since a moment, and from when on that is all of it; beside that whom affinity keeps, of the
 * last seconds alone.
 */
export function measureTraffic(
  traffic: Traffic,
  sinceMs: number,
  nowMs: number,
): Measure & { readonly completeSinceMs: number } {
  const completeSinceMs = Math.max(sinceMs, traffic.sinceMs, nowMs - TRAFFIC.keptMs)
  const counts = { requests: 0, failures: 0, errors: 0 }
  const latencies: Record<string, number> = {}
  const shares = latestShares(traffic, nowMs)
  for (const part of newestFirst(traffic, sinceMs)) {
    counts.requests += part.requests
    counts.failures += part.failures
    counts.errors += part.errors
    for (const [bucket, count] of Object.entries(part.latencies)) {
      latencies[bucket] = (latencies[bucket] ?? 0) + count
    }
  }
  return { ...counts, latencies, ...sharesIn(shares), completeSinceMs }
}

function latestShares(traffic: Traffic, nowMs: number): ShareCounts | undefined {
  let shares: ShareCounts | undefined
  for (const part of newestFirst(traffic, nowMs - SHARES.mostMs)) {
    const isEnough = shares !== undefined && shares.natural >= SHARES.enough
    if (isEnough && part.atMs < nowMs - SHARES.leastMs) break
    shares = addShares(shares, part.shares)
  }
  return shares
}

/** How many requests there were since a moment, and how many of them failed in any way. */
export function countSince(
  traffic: Traffic,
  sinceMs: number,
): { readonly requests: number; readonly failing: number } {
  let requests = 0
  let failing = 0
  for (const part of newestFirst(traffic, sinceMs)) {
    requests += part.requests
    failing += part.failures + part.errors
  }
  return { requests, failing }
}

/** What passes through an origin now: what is left of it while it drains. */
export interface Passing {
  /** Requests of the last minute. */
  readonly perMinute: number
  /** When the last ones were reported, as far as is known. */
  readonly lastAtMs?: number
  /** Nothing before it is known. */
  readonly knownSinceMs: number
}

/** What passes through an origin at this moment. */
export function passingOf(traffic: Traffic, nowMs: number): Passing {
  const last = traffic.parts.findLast(({ requests }) => requests > 0)
  return {
    perMinute: countSince(traffic, nowMs - 60_000).requests,
    ...(last && { lastAtMs: last.atMs }),
    knownSinceMs: traffic.sinceMs,
  }
}

function* newestFirst({ parts }: Traffic, sinceMs: number): Generator<TrafficPart> {
  for (let at = parts.length - 1; at >= 0; at -= 1) {
    const part = parts[at]
    // The second in which the moment lies counts whole.
    if (part === undefined || part.atMs + TRAFFIC.partMs <= sinceMs) return
    yield part
  }
}

/** After a clock has jumped back, what was counted in the future is forgotten: it belongs to no time. */
export function rebaseTraffic(traffic: Traffic, nowMs: number): Traffic {
  const last = traffic.parts.at(-1)
  if ((last?.atMs ?? 0) <= nowMs && traffic.sinceMs <= nowMs) return traffic
  return { sinceMs: nowMs, parts: traffic.parts.filter(({ atMs }) => atMs <= nowMs) }
}
