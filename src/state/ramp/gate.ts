import type { Gate } from '../../schema/ramp.ts'
import type { LatencyCounts, Measure } from '../../schema/report.ts'
import { quantile, upperBoundMs } from '../latency.ts'
import type { Measured } from './state.ts'

/** How many requests are enough to take everything back by, and to compare with. */
const FEW = 20

/** How many standard deviations of chance make a breach clear. */
const CLEAR_SIGMAS = 4

/**
 * What the gate of a step says.
 * - `hard`: so many fail that everything is taken back.
 * - `clear`: worse than allowed, beyond what chance would do; nobody waits for the end of the dwell.
 * - `few`: not enough requests to tell.
 * - `poor`: worse than allowed.
 * - `good`: the next step may be taken.
 */
export interface Verdict {
  readonly type: 'hard' | 'clear' | 'few' | 'poor' | 'good'
  /** In words and numbers. */
  readonly words: string
}

/** Judges what was counted since the step began, and its latest part where that is known. */
export function judge(gate: Gate, whole: Measured, latest?: Measured): Verdict {
  const windows = latest === undefined ? [whole] : [whole, latest]
  const least = Math.max(1, Math.min(gate.minSamples, FEW))
  for (const test of [hardBreach, clearBreach]) {
    for (const window of windows) {
      if (window.subject.requests < least) continue
      const verdict = test(gate, window)
      if (verdict) return verdict
    }
  }
  const { requests } = whole.subject
  if (requests < gate.minSamples) {
    return { type: 'few', words: `${requests} of ${gate.minSamples} requests so far` }
  }
  for (const window of windows) {
    if (window.subject.requests < gate.minSamples) continue
    const words = complaint(gate, window)
    if (words !== undefined) return { type: 'poor', words }
  }
  return { type: 'good', words: comparison(whole) }
}

function hardBreach(gate: Gate, { subject }: Measured): Verdict | undefined {
  const { requests } = subject
  const rate = badOf(subject) / requests
  if (rate < gate.hardFailureRate) return undefined
  return { type: 'hard', words: `${percent(rate)} of ${requests} requests failed` }
}

function clearBreach(gate: Gate, window: Measured): Verdict | undefined {
  const { subject } = window
  const { requests } = subject
  const allowed = 1 - leastSuccess(gate, window)
  if (isBeyondChance(badOf(subject), requests, allowed)) {
    return { type: 'clear', words: comparison(window) }
  }
  const limitMs = slowestP95(gate, window)
  if (limitMs === undefined) return undefined
  if (!isBeyondChance(slowerThan(subject.latencies, limitMs), requests, 0.05)) return undefined
  return { type: 'clear', words: slowness(window) }
}

/** What is wrong with it, if anything. */
function complaint(gate: Gate, window: Measured): string | undefined {
  const rate = successOf(window.subject)
  if (rate !== undefined && rate < leastSuccess(gate, window)) return comparison(window)
  const limitMs = slowestP95(gate, window)
  const p95Ms = quantile(window.subject.latencies, 0.95)
  if (limitMs === undefined || p95Ms === undefined || p95Ms <= limitMs) return undefined
  return slowness(window)
}

/** The success rate below which it is worse than allowed. */
function leastSuccess(gate: Gate, { peers }: Measured): number {
  const theirs = isEnough(peers) ? successOf(peers) : undefined
  if (theirs === undefined) return gate.successRate
  return Math.min(gate.successRate, Math.max(0, theirs - gate.successMargin))
}

/** The p95 above which it is slower than allowed: none without peers to compare with. */
function slowestP95(gate: Gate, { peers }: Measured): number | undefined {
  const theirs = isEnough(peers) ? quantile(peers.latencies, 0.95) : undefined
  return theirs === undefined ? undefined : Math.max(gate.p95Floor, theirs * gate.p95Ratio)
}

function isEnough(peers: Measure | undefined): peers is Measure {
  return peers !== undefined && peers.requests >= FEW
}

/** More than a binomial of `count` draws gives by chance, and at least two. */
function isBeyondChance(bad: number, count: number, chance: number): boolean {
  const spread = Math.sqrt(count * chance * (1 - chance))
  return bad > count * chance + CLEAR_SIGMAS * spread + 1
}

/** Requests that surely took longer: those of the buckets that lie above it as a whole. */
function slowerThan(counts: LatencyCounts, limitMs: number): number {
  let slower = 0
  for (const [bucket, count] of Object.entries(counts)) {
    const lowestMs = Number(bucket) === 0 ? 0 : upperBoundMs(Number(bucket) - 1)
    if (lowestMs >= limitMs) slower += count
  }
  return slower
}

/** Requests that did not succeed: gateway errors and other answers of 5xx. */
function badOf({ failures, errors }: Measure): number {
  return failures + errors
}

function successOf(measure: Measure): number | undefined {
  return measure.requests === 0 ? undefined : 1 - badOf(measure) / measure.requests
}

function comparison({ subject, peers }: Measured): string {
  const own = successOf(subject)
  if (own === undefined) return 'no requests'
  const theirs = peers && successOf(peers)
  const than = theirs === undefined ? 'no peers to compare with' : `peers ${percent(theirs)}`
  return `success ${percent(own)} of ${subject.requests} requests, ${than}`
}

function slowness({ subject, peers }: Measured): string {
  const own = quantile(subject.latencies, 0.95) ?? 0
  const theirs = (peers && quantile(peers.latencies, 0.95)) ?? 0
  return `p95 ${Math.round(own)} ms of ${subject.requests} requests, peers ${Math.round(theirs)} ms`
}

/** "97.1 %". Rounded down, so that 99.96 % of success is not all. */
function percent(share: number): string {
  return `${Math.floor(share * 1000 + 1e-9) / 10} %`
}
