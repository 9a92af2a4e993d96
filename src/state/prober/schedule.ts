import type { Monitor } from '../../schema/monitor.ts'
import type { ProbeTarget } from '../../schema/probe-plan.ts'
import { type Turn, nextTurnMs } from './phase.ts'
import {
  type Check,
  type LastProbe,
  PROBER_LIMITS,
  PROBER_PACE,
  type ProberState,
  keyOf,
} from './state.ts'

/** What is to be probed now. */
export interface Start {
  readonly check: Check
  readonly target: ProbeTarget
  readonly monitor: Monitor
}

/** The monitor of a check, as the plan has it. */
export function monitorOf(
  { targets }: Pick<ProberState, 'targets'>,
  { origin, monitor }: Pick<Check, 'origin' | 'monitor'>,
): Monitor | undefined {
  return targets[origin]?.monitors.find(({ id }) => id === monitor)?.monitor
}

/** A check that was never run: due now. */
export function newCheck(origin: string, monitor: string, nowMs: number): Check {
  const never = {
    startedMs: -Infinity,
    lostMs: undefined,
    doubt: 0,
    last: undefined,
    isFirst: true,
  }
  return { origin, monitor, dueMs: nowMs, isTurn: false, deadlineMs: nowMs, ...never }
}

/** A check that is wanted out of turn. One that is under way is an answer already. */
export function hasten(check: Check, dueMs: number): Check {
  if (check.lostMs !== undefined || check.dueMs <= dueMs) return check
  return { ...check, dueMs, isTurn: false }
}

/** The checks that begin now: those that are due, the earliest deadline first, as far as there are connections. */
export function pickStarts(state: ProberState, nowMs: number): Start[] {
  const due: Check[] = []
  let room = PROBER_LIMITS.inFlight - state.trials
  for (const check of Object.values(state.checks)) {
    if (check.lostMs !== undefined) room -= 1
    else if (check.dueMs <= nowMs + PROBER_PACE.slack) due.push(check)
  }
  if (room <= 0 || due.length === 0) return []
  return due
    .toSorted((left, right) => left.deadlineMs - right.deadlineMs)
    .slice(0, room)
    .flatMap((check) => {
      const target = state.targets[check.origin]
      const monitor = monitorOf(state, check)
      return target && monitor ? [{ check: begin(check, monitor, nowMs), target, monitor }] : []
    })
}

/** The connections that probes and trials hold, or are about to. */
export function connectionsOf({ checks, trials }: ProberState): number {
  return trials + Object.values(checks).filter(({ lostMs }) => lostMs !== undefined).length
}

/** When the next probe is due, or a missing one counts as lost. */
export function probeAtMs({ checks, trials }: ProberState): number {
  let connections = trials
  let lostAtMs = Infinity
  let dueAtMs = Infinity
  for (const { lostMs, dueMs } of Object.values(checks)) {
    if (lostMs === undefined) {
      dueAtMs = Math.min(dueAtMs, dueMs)
      continue
    }
    connections += 1
    lostAtMs = Math.min(lostAtMs, lostMs)
  }
  return connections >= PROBER_LIMITS.inFlight ? lostAtMs : Math.min(lostAtMs, dueAtMs)
}

function begin(check: Check, monitor: Monitor, nowMs: number): Check {
  const deadlineMs = nowMs + monitor.interval
  return {
    ...check,
    deadlineMs,
    startedMs: nowMs,
    lostMs: nowMs + monitor.timeout + PROBER_PACE.lost,
  }
}

/** A check whose probe has ended. */
export function endCheck(
  check: Check,
  last: LastProbe,
  { state, nowMs }: { readonly state: ProberState; readonly nowMs: number },
): Check {
  const monitor = monitorOf(state, check)
  if (monitor === undefined) return check
  const { fall, rise } = monitor
  const doubt = last.ok ? Math.max(0, check.doubt - 1) : Math.max(fall, rise)
  const ended = { ...check, last, doubt, lostMs: undefined, isFirst: false }
  if (state.plan.driver === 'cron') return { ...ended, dueMs: Infinity, isTurn: false }
  if (doubt === 0) return { ...ended, dueMs: turnAfter(check, monitor, state), isTurn: true }
  const dueMs = Math.max(nowMs, check.startedMs + monitor.unhealthyInterval)
  return { ...ended, dueMs, isTurn: false }
}

/** When a check has its next turn. */
function turnAfter(check: Check, monitor: Monitor, state: ProberState): number {
  const { interval: intervalMs, jitter } = monitor
  const turn = turnOf(check, monitor, state)
  // Half an interval after one that had its turn in time lies the next turn for certain. Any other may be followed
  // at once: the pause is never longer than the interval and its spread.
  const wasInTime = check.isTurn && check.startedMs - check.dueMs < intervalMs / 4
  return nextTurnMs(turn, check.startedMs + intervalMs * (wasInTime ? 0.5 : jitter / 2))
}

/** What says when a check has its turns. */
export function turnOf(
  check: Pick<Check, 'origin' | 'monitor'>,
  { interval: intervalMs, jitter, regions }: Monitor,
  { name }: Pick<ProberState, 'name'>,
): Turn {
  const region = name === null ? 0 : Math.max(0, regions.indexOf(name.region))
  return { key: keyOf(check), intervalMs, region, regions: regions.length, jitter }
}

/** Checks that wait for what cannot come any more: lost probes, and times that a clock left behind. */
export function mendChecks(state: ProberState, nowMs: number): ProberState {
  const mended: [string, Check][] = []
  for (const check of Object.values(state.checks)) {
    const next = mend(check, monitorOf(state, check), nowMs)
    if (next !== check) mended.push([keyOf(check), next])
  }
  return mended.length === 0
    ? state
    : { ...state, checks: { ...state.checks, ...Object.fromEntries(mended) } }
}

function mend(check: Check, monitor: Monitor | undefined, nowMs: number): Check {
  const { lostMs, dueMs } = check
  if (monitor === undefined) return check
  if (lostMs !== undefined) {
    return lostMs > nowMs ? check : { ...check, lostMs: undefined, dueMs: nowMs, isTurn: false }
  }
  // A time beyond any that could be given now tells that the clock went back.
  const isStray = dueMs !== Infinity && dueMs > nowMs + 2 * monitor.interval
  return isStray ? { ...check, dueMs: nowMs, isTurn: false, deadlineMs: nowMs } : check
}
