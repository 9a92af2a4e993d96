import type { ProbeRegion } from '../../schema/monitor.ts'
import type { MonitorPlan } from '../../schema/probe-plan.ts'
import type { RegionTally, Regions } from './regions.ts'
import { voidAfterMs } from './silence.ts'
import type { Tally } from './tally.ts'

/** What one region says of one monitor, or why it has no say. */
export type Vote =
  | { readonly says: 'up' | 'down'; readonly tally: Tally; readonly untilMs: number }
  | { readonly says: 'nothing'; readonly why: string }

/** The vote of one region. */
export function voteOf(region: RegionTally | undefined, monitor: MonitorPlan, nowMs: number): Vote {
  if (region?.isBlind) return { says: 'nothing', why: 'its own network is out' }
  const tally = region?.tallies[monitor.id]
  if (tally === undefined) return { says: 'nothing', why: 'no result yet' }
  const untilMs = tally.seenAtMs + voidAfterMs(monitor)
  if (nowMs > untilMs) {
    const silentS = Math.round((nowMs - tally.seenAtMs) / 1000)
    return { says: 'nothing', why: `no result for ${silentS} s` }
  }
  if (tally.verdict === 'unknown') {
    return { says: 'nothing', why: `${tally.failures} of ${monitor.fall} failures` }
  }
  return { says: tally.verdict, tally, untilMs }
}

/** What the regions together say of one monitor. */
export interface MonitorVerdict {
  readonly monitor: MonitorPlan
  /** `none`: no region has a vote. */
  readonly verdict: 'none' | 'up' | 'degraded' | 'down'
  readonly up: number
  readonly down: number
  /** The tallies of those that say down, in the order of the plan. */
  readonly failing: readonly Tally[]
  /** Whether the last result of some region that has a vote was a failure. */
  readonly isDoubted: boolean
  /** Of the last successes: how many there were, and how many were slow. */
  readonly pace: { readonly slow: number; readonly of: number }
  /** Regions without a vote, and why. */
  readonly without: readonly { readonly region: ProbeRegion; readonly why: string }[]
  /** When the last of the votes becomes void; 0 without votes. */
  readonly untilMs: number
}

/**
 * The verdict of a monitor: down when more than half of the regions that have a vote say so, degraded when some
 * do, or when most of the last successes were slow.
 */
export function judgeMonitor(
  monitor: MonitorPlan,
  regions: Regions,
  nowMs: number,
): MonitorVerdict {
  const failing: Tally[] = []
  const without: { region: ProbeRegion; why: string }[] = []
  const pace = { slow: 0, of: 0 }
  let up = 0
  let isDoubted = false
  let untilMs = 0
  for (const region of monitor.regions) {
    const vote = voteOf(regions[region], monitor, nowMs)
    if (vote.says === 'nothing') {
      without.push({ region, why: vote.why })
      continue
    }
    if (vote.says === 'up') up += 1
    else failing.push(vote.tally)
    isDoubted ||= vote.tally.successes === 0
    untilMs = Math.max(untilMs, vote.untilMs)
    pace.of += vote.tally.slow.length
    pace.slow += vote.tally.slow.filter(Boolean).length
  }
  const down = failing.length
  const isSlow = pace.slow * 2 > pace.of
  const verdict = verdictOf({ up, down, isSlow })
  return { monitor, verdict, up, down, failing, isDoubted, pace, without, untilMs }
}

function verdictOf({
  up,
  down,
  isSlow,
}: {
  readonly up: number
  readonly down: number
  readonly isSlow: boolean
}): MonitorVerdict['verdict'] {
  if (up + down === 0) return 'none'
  if (down > up) return 'down'
  return down > 0 || isSlow ? 'degraded' : 'up'
}
