import type { MonitorPlan } from '../../schema/probe-plan.ts'

/** Results that confirm what is known may be gathered for so long, or for one interval, before they are sent. */
const GATHERED_MS = 30_000

/** Within less than this no prober is thought to have vanished, whatever its pace. */
const SILENCE_MS = 60_000

/**
 * After how long without a result a region has no vote: three probes that did not come, beside the time for
 * which results may be gathered. Counted by the clock of the object from the moment when the last result came,
 * so that the clock of the prober does not matter.
 */
export function voidAfterMs({ intervalMs, timeoutMs }: MonitorPlan): number {
  const silentMs = Math.max(3 * intervalMs + timeoutMs, SILENCE_MS)
  return silentMs + Math.max(GATHERED_MS, intervalMs)
}

/** After how long a prober is thought to have vanished, whatever it probes. */
export function silentAfterMs(monitors: readonly MonitorPlan[]): number {
  return Math.max(SILENCE_MS + GATHERED_MS, ...monitors.map(voidAfterMs))
}
