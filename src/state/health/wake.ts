import type { Judgement } from './judgement.ts'
import type { OriginState } from './origin-state.ts'
import { standingDueMs } from './standing.ts'
import { isToTell } from './telling.ts'

/**
 * When to look again if nothing comes before. An alarm that rings earlier than needed is left as it is, since
 * every one that is set is a row: with results coming in it is set once for each time that votes last.
 */
export function nextAlarmMs(
  state: OriginState,
  judgement: Judgement,
  nowMs: number,
): number | null {
  const dueMs = Math.min(...duesOf(state, judgement, nowMs))
  const { alarmAtMs } = state
  if (alarmAtMs !== null && alarmAtMs > nowMs && alarmAtMs <= dueMs) return alarmAtMs
  return dueMs === Infinity ? null : dueMs
}

function duesOf(
  { standing, heard, telling, traffic, plans }: OriginState,
  { probes, passive, isByTrafficAlone }: Judgement,
  nowMs: number,
): readonly number[] {
  // With every report it is looked at all votes again. Only when none comes any more is it the alarm that sees it,
  // and then it waits for the last vote: one after the other they would pass for changes of mind.
  const silentAtMs = probes.untilMs === 0 ? Infinity : probes.untilMs + 1
  // By then everything that traffic says has left the window; only worth an alarm where it decides something.
  const isDecisive = isByTrafficAlone || passive.verdict === 'failing'
  const last = traffic.parts.at(-1)
  const emptyAtMs = isDecisive && last ? last.atMs + plans.plan.passive.windowMs + 1000 : Infinity
  const tellAtMs = isToTell(standing, heard, nowMs) ? telling.nextAtMs : Infinity
  return [silentAtMs, emptyAtMs, standingDueMs(standing, nowMs) ?? Infinity, tellAtMs]
}
