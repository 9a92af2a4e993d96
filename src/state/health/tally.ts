import * as z from 'zod'
import type { MonitorPlan } from '../../schema/probe-plan.ts'
import type { ProbeResult } from '../../schema/report.ts'
import { REPORT_LIMITS } from '../../schema/report-limits.ts'

/** Of so many of the last successes it is known whether they were slow. */
const PACE_KEPT = 5

/** Rows are counted no further: it is a number for people. */
const LONGEST_ROW = 10_000

/** What one region makes of an origin through one monitor. */
export const Tally = z.object({
  verdict: z.enum(['unknown', 'up', 'down']),
  /** Failures in a row; they stay beside the successes that follow until these are enough. */
  failures: z.int(),
  /** Successes in a row: 0 when the last result was a failure. */
  successes: z.int(),
  /** What the last failure said. */
  detail: z.string().max(REPORT_LIMITS.detail),
  latencyMs: z.number(),
  /** When the last probe ended, by the clock of the prober: shown, never judged by. */
  atMs: z.number(),
  /** When its report came, by the clock of the object. */
  seenAtMs: z.number(),
  /** Whether each of the last successes was slow, the newest first. */
  slow: z.array(z.boolean()).max(PACE_KEPT),
})
export type Tally = z.output<typeof Tally>

/** What a result is counted by. */
export interface TallyContext {
  readonly monitor: MonitorPlan
  readonly nowMs: number
  /** Whether the origin is unhealthy: then a region that never saw it wants as many successes as the others. */
  readonly isUnhealthy: boolean
}

/**
 * Counts one more result. `fall` failures in a row are down, `rise` successes in a row are up again; of an
 * origin that nobody has doubted yet the first success is up.
 */
export function stepTally(
  before: Tally | undefined,
  result: ProbeResult,
  context: TallyContext,
): Tally {
  const tally = before ?? startTally(context)
  const seen = { latencyMs: result.latencyMs, atMs: result.atMs, seenAtMs: context.nowMs }
  return result.ok ? succeed(tally, seen, context) : fail(tally, { ...seen, ...result }, context)
}

function startTally({ isUnhealthy, nowMs }: TallyContext): Tally {
  return {
    verdict: isUnhealthy ? 'down' : 'unknown',
    failures: 0,
    successes: 0,
    detail: '',
    latencyMs: 0,
    atMs: 0,
    seenAtMs: nowMs,
    slow: [],
  }
}

type Seen = Pick<Tally, 'latencyMs' | 'atMs' | 'seenAtMs'>

function succeed(tally: Tally, seen: Seen, { monitor }: TallyContext): Tally {
  const successes = count(tally.successes)
  const isUp = tally.verdict !== 'down' || successes >= monitor.rise
  const isSlow = seen.latencyMs > (monitor.degradedAboveMs ?? Infinity)
  const slow = [isSlow, ...tally.slow].slice(0, PACE_KEPT)
  if (isUp) return { ...seen, verdict: 'up', failures: 0, successes, detail: '', slow }
  return { ...tally, ...seen, successes, slow }
}

function fail(
  tally: Tally,
  { detail, latencyMs, atMs, seenAtMs }: Seen & Pick<Tally, 'detail'>,
  { monitor }: TallyContext,
): Tally {
  const failures = tally.successes > 0 ? 1 : count(tally.failures)
  const verdict = failures >= monitor.fall ? 'down' : tally.verdict
  return { ...tally, verdict, failures, successes: 0, detail, latencyMs, atMs, seenAtMs }
}

function count(inARow: number): number {
  return Math.min(inARow + 1, LONGEST_ROW)
}
