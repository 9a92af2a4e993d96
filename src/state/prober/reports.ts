import { type OriginPlan, toProberName } from '../../schema/probe-plan.ts'
import type { ProbeReport, ProbeResult } from '../../schema/report.ts'
import { type Outbox, PROBER_LIMITS, PROBER_PACE, type ProberState } from './state.ts'

/** Sequences of a process lie above those of the processes before it. */
const SEQUENCES_PER_START = 2 ** 32

const EMPTY: Outbox = { results: [], dueMs: Infinity, sending: undefined }

/** A result that has to be told: soon, or at the latest with the others of its time. */
export function addResult(
  state: ProberState,
  origin: string,
  { result, dueMs }: { readonly result: ProbeResult; readonly dueMs: number },
): ProberState {
  const outbox = state.outboxes[origin] ?? EMPTY
  const { sending = 0 } = outbox
  const results = [...outbox.results, result]
  // What is on its way stays in front, so that it can be taken away when it has arrived.
  if (results.length > PROBER_LIMITS.results)
    results.splice(Math.min(sending, results.length - 1), 1)
  return put(state, origin, { ...outbox, results, dueMs: Math.min(outbox.dueMs, dueMs) })
}

/** Something is to be told even without a result. */
export function hurryReport(state: ProberState, origin: string, nowMs: number): ProberState {
  const outbox = state.outboxes[origin] ?? EMPTY
  return put(state, origin, { ...outbox, dueMs: Math.min(outbox.dueMs, nowMs) })
}

/** How long results of an origin may wait: its object counts on no less, and on an interval where that is longer. */
export function gatherMs({ monitors }: OriginPlan): number {
  return Math.max(PROBER_PACE.gather, Math.min(...monitors.map(({ intervalMs }) => intervalMs)))
}

/** A report that is to be sent. */
export interface Sending {
  readonly origin: string
  readonly report: ProbeReport
}

/** The reports that go out now, and the state once they are on their way. */
export function sendReports(
  state: ProberState,
  nowMs: number,
): readonly [ProberState, readonly Sending[]] {
  const { name } = state
  if (name === null) return [state, []]
  let next = state
  const sendings: Sending[] = []
  for (const [origin, outbox] of dueIn(state, nowMs)) {
    const plan = state.targets[origin]?.plan
    if (plan === undefined) continue
    next = put(next, origin, { ...outbox, dueMs: Infinity, sending: outbox.results.length })
    next = { ...next, sent: next.sent + 1 }
    const report: ProbeReport = {
      region: name.region,
      prober: toProberName(name),
      sequence: next.starts * SEQUENCES_PER_START + next.sent,
      isBlind: next.isBlind,
      plan,
      results: [...outbox.results],
    }
    sendings.push({ origin, report })
  }
  return [next, sendings]
}

function dueIn({ outboxes }: ProberState, nowMs: number): [origin: string, Outbox][] {
  const due: [string, Outbox][] = []
  let room: number = PROBER_LIMITS.reports
  for (const entry of Object.entries(outboxes)) {
    const [, { sending, dueMs }] = entry
    if (sending !== undefined) room -= 1
    else if (dueMs <= nowMs + PROBER_PACE.slack) due.push(entry)
  }
  return due.slice(0, Math.max(0, room))
}

/** When the next report is due, as far as one more can be on its way. */
export function reportAtMs({ outboxes }: ProberState): number {
  let underWay = 0
  let atMs = Infinity
  for (const { sending, dueMs } of Object.values(outboxes)) {
    if (sending === undefined) atMs = Math.min(atMs, dueMs)
    else underWay += 1
  }
  return underWay >= PROBER_LIMITS.reports ? Infinity : atMs
}

/** What was sent has arrived, or has to be sent again with what came in the meantime. */
export function settleReport(
  state: ProberState,
  { origin, ok }: { readonly origin: string; readonly ok: boolean },
  nowMs: number,
): ProberState {
  const outbox = state.outboxes[origin]
  if (outbox?.sending === undefined) return state
  const { sending, ...rest } = outbox
  if (!ok) {
    const dueMs = nowMs + PROBER_PACE.reportRetry
    return put(state, origin, { ...rest, dueMs, sending: undefined })
  }
  return put(state, origin, {
    ...rest,
    results: rest.results.slice(sending),
    sending: undefined,
  })
}

function put(state: ProberState, origin: string, outbox: Outbox): ProberState {
  return { ...state, outboxes: { ...state.outboxes, [origin]: outbox } }
}
