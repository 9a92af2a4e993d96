import type { Health } from '../../schema/health.ts'
import type { OriginPlan } from '../../schema/probe-plan.ts'
import type { Regions } from './regions.ts'
import { type MonitorVerdict, judgeMonitor, voteOf } from './vote.ts'

/** What all probes together say of an origin. */
export interface ProbeVerdict {
  /** Absent when no monitor that counts has a verdict. */
  readonly health: Exclude<Health, 'unknown'> | undefined
  /** Whether some region's last result of a monitor that counts was a failure. */
  readonly isDoubted: boolean
  readonly monitors: readonly MonitorVerdict[]
  /** When the last vote becomes void; 0 when there is none. */
  readonly untilMs: number
}

/**
 * Unhealthy: a required monitor is down, or more than half of the quorum monitors that have a verdict are.
 * Degraded: any monitor that counts is down or degraded otherwise. Report-only monitors only report.
 */
export function judgeProbes(
  plan: Pick<OriginPlan, 'monitors'>,
  regions: Regions,
  nowMs: number,
): ProbeVerdict {
  const monitors = plan.monitors.map((monitor) => judgeMonitor(monitor, regions, nowMs))
  const counting = monitors.filter(
    ({ monitor, verdict }) => monitor.role !== 'report-only' && verdict !== 'none',
  )
  const untilMs = Math.max(0, ...monitors.map((each) => each.untilMs))
  const isDoubted = counting.some((each) => each.isDoubted)
  return { health: healthOf(counting), isDoubted, monitors, untilMs }
}

/** Whether some region says anything of some monitor. */
export function hasVote(
  { monitors }: Pick<OriginPlan, 'monitors'>,
  regions: Regions,
  nowMs: number,
): boolean {
  return monitors.some((monitor) =>
    monitor.regions.some((name) => voteOf(regions[name], monitor, nowMs).says !== 'nothing'),
  )
}

function healthOf(counting: readonly MonitorVerdict[]): ProbeVerdict['health'] {
  if (counting.length === 0) return undefined
  const required = counting.filter(({ monitor }) => monitor.role === 'required')
  const quorum = counting.filter(({ monitor }) => monitor.role === 'quorum')
  if (required.some(isDown) || quorum.filter(isDown).length * 2 > quorum.length) return 'unhealthy'
  return counting.every(({ verdict }) => verdict === 'up') ? 'healthy' : 'degraded'
}

function isDown({ verdict }: MonitorVerdict): boolean {
  return verdict === 'down'
}
