import type { ProbePlan, ProberName } from '../../schema/probe-plan.ts'
import type { Machine, Wake } from '../machine.ts'
import { isBlind, lookAround } from './blindness.ts'
import { askAtMs, hear, missPlan, takePlan } from './upkeep.ts'
import { keepDoubts, resumeChecks } from './resumption.ts'
import {
  type Sending,
  addResult,
  gatherMs,
  hurryReport,
  reportAtMs,
  sendReports,
  settleReport,
} from './reports.ts'
import {
  type Start,
  endCheck,
  hasten,
  mendChecks,
  monitorOf,
  pickStarts,
  probeAtMs,
} from './schedule.ts'
import { INITIAL_PROBER, PROBER_PACE, ProberState, keyOf } from './state.ts'

/** What came of one probe. */
export interface ProbeEnd {
  readonly type: 'ended'
  readonly origin: string
  readonly monitor: string
  /** When it began: tells it from one that was given up. */
  readonly startedMs: number
  readonly ok: boolean
  readonly isAnswered: boolean
  readonly latencyMs: number
  readonly detail: string
}

/** What happens to a prober. */
export type ProberEvent =
  /** A new process took over; `alarmMs` is the alarm that woke it, or the one that is still to come. */
  | { readonly type: 'start'; readonly alarmMs?: number | undefined }
  /** The control object, or the cron, says which prober this is and which revision holds. */
  | { readonly type: 'rouse'; readonly name: ProberName; readonly revision: number }
  | { readonly type: 'planned'; readonly plan: ProbePlan | null }
  | { readonly type: 'unplanned' }
  /** Somebody doubts an origin. */
  | { readonly type: 'urge'; readonly origin: string }
  /** So many connections are held by trials from now on. */
  | { readonly type: 'trials'; readonly count: number }
  | ProbeEnd
  | { readonly type: 'reported'; readonly origin: string; readonly ok: boolean }

/** What is to be done after a step. Each is followed by its event, or lost with the process. */
export type ProberEffect =
  | { readonly type: 'ask'; readonly name: ProberName; readonly revision: number }
  | ({ readonly type: 'probe' } & Start)
  | ({ readonly type: 'report' } & Sending)

type Step = readonly [ProberState, readonly ProberEffect[]]

/**
 * A prober. It goes by its own copy of the plan, so that it probes on while the control object is away. At most
 * six probes are under way; each check is run once in its interval even if every probe takes its whole timeout,
 * provided that the plan was cut for it (`packShards`).
 *
 * A result that says something new, or was waited for, is told at once: a failure, a change, and any result of a
 * check in doubt. The others are gathered for half a minute, or an interval.
 */
export const prober: Machine<ProberState, ProberEvent, ProberEffect> = {
  schema: ProberState,
  initial: INITIAL_PROBER,
  tables: ['targets', 'doubts'],
  volatile: ['sent', 'checks', 'outboxes', 'planning', 'isBlind', 'trials'],
  step: (state, event, nowMs) =>
    settle(keepDoubts(mendChecks(take(state, event, nowMs), nowMs)), nowMs),
  wakeAtMs,
}

function take(state: ProberState, event: ProberEvent | Wake, nowMs: number): ProberState {
  switch (event.type) {
    case 'start':
      return start(state, event.alarmMs, nowMs)
    case 'rouse': {
      const heard = hear(state, event, nowMs)
      return heard.plan.driver === 'cron' ? hastenAll(heard, nowMs) : heard
    }
    case 'planned':
      return takePlan(state, event.plan, nowMs)
    case 'unplanned':
      return missPlan(state, nowMs)
    case 'urge':
      return urge(state, event.origin, nowMs)
    case 'trials':
      return { ...state, trials: event.count }
    case 'ended':
      return end(state, event, nowMs)
    case 'reported':
      return settleReport(state, event, nowMs)
    case 'wake':
      return state
  }
}

/**
 * Goes on where the process before it was. The plan is asked for whatever its revision: another release may read the same revision
 * another way.
 */
function start(state: ProberState, alarmMs: number | undefined, nowMs: number): ProberState {
  const planning = { ...INITIAL_PROBER.planning, wanted: -1, heardMs: nowMs }
  const checks = resumeChecks(state, alarmMs, nowMs)
  const blind = isBlind({ checks, targets: state.targets })
  return { ...state, starts: state.starts + 1, planning, checks, isBlind: blind }
}

function hastenAll(state: ProberState, nowMs: number): ProberState {
  const all = Object.entries(state.checks).map(
    ([key, check]) => [key, hasten(check, nowMs)] as const,
  )
  return { ...state, checks: Object.fromEntries(all) }
}

function urge(state: ProberState, origin: string, nowMs: number): ProberState {
  const urged = Object.entries(state.checks).flatMap(([key, check]) => {
    const monitor = monitorOf(state, check)
    if (check.origin !== origin || monitor === undefined) return []
    const doubt = Math.max(check.doubt, monitor.fall)
    // One that began just now may have been right just before; a little later it is looked at again.
    const dueMs = Math.max(nowMs, check.startedMs + PROBER_PACE.urge)
    return [[key, { ...hasten(check, dueMs), doubt }] as const]
  })
  return { ...state, checks: { ...state.checks, ...Object.fromEntries(urged) } }
}

function end(state: ProberState, event: ProbeEnd, nowMs: number): ProberState {
  const key = keyOf(event)
  const check = state.checks[key]
  const target = state.targets[event.origin]
  // One that was given up, or that the plan no longer has.
  if (check?.lostMs === undefined || check.startedMs !== event.startedMs || !target) return state
  const { ok, isAnswered, latencyMs, detail, monitor } = event
  const ended = endCheck(check, { ok, isAnswered }, { state, nowMs })
  let checks: ProberState['checks'] = { ...state.checks, [key]: ended }
  const isSilent = !isAnswered && check.last?.isAnswered === true
  if (isSilent && state.plan.driver === 'alarm') checks = lookAround(checks, ended, nowMs)
  const isChange = check.isFirst || check.last?.ok !== ok
  const isNews = !ok || isChange || check.doubt > 0 || state.plan.driver === 'cron'
  const result = { monitor, atMs: nowMs, ok, latencyMs, detail }
  const dueMs = isNews ? nowMs : nowMs + gatherMs(target.plan)
  return seeBlindness(addResult({ ...state, checks }, event.origin, { result, dueMs }), nowMs)
}

/** Whoever goes by this prober's word learns at once when it is worth nothing, and when it is again. */
function seeBlindness(state: ProberState, nowMs: number): ProberState {
  const blind = isBlind(state)
  if (blind === state.isBlind) return state
  let next: ProberState = { ...state, isBlind: blind }
  for (const origin of Object.keys(state.targets)) next = hurryReport(next, origin, nowMs)
  return next
}

/** Begins what is due: probes, reports, and the question for the plan. */
function settle(state: ProberState, nowMs: number): Step {
  const starts = pickStarts(state, nowMs)
  const begun = starts.map(({ check }) => [keyOf(check), check] as const)
  const probing =
    starts.length === 0
      ? state
      : { ...state, checks: { ...state.checks, ...Object.fromEntries(begun) } }
  const [reporting, sendings] = sendReports(probing, nowMs)
  const [next, asks] = ask(reporting, nowMs)
  return [
    next,
    [
      ...starts.map((each) => ({ type: 'probe', ...each }) as const),
      ...sendings.map((each) => ({ type: 'report', ...each }) as const),
      ...asks,
    ],
  ]
}

function ask(state: ProberState, nowMs: number): Step {
  const { name, plan, planning } = state
  const atMs = askAtMs(state)
  if (name === null || atMs === undefined || atMs > nowMs) return [state, []]
  // -1: it is wanted whatever the control object has.
  const revision = planning.wanted === -1 ? -1 : plan.revision
  return [
    { ...state, planning: { ...planning, isAsking: true } },
    [{ type: 'ask', name, revision }],
  ]
}

function wakeAtMs(state: ProberState): number | undefined {
  // With the cron as the only driver nothing is done out of its turn.
  if (state.plan.driver === 'cron') return undefined
  const earliest = Math.min(probeAtMs(state), reportAtMs(state), askAtMs(state) ?? Infinity)
  return earliest === Infinity ? undefined : earliest
}
