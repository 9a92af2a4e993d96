import type { PassiveReport } from '../schema/report.ts'
import { REPORT_LIMITS } from '../schema/report-limits.ts'
import { type InFlight, underWay } from './in-flight.ts'
import { type Tally, takeTally } from './tally.ts'

/** When an isolate reports what it saw of an origin. */
export const DISPATCH = {
  /** Never sooner after the report before. */
  leastMs: 2000,
  /** While nothing fails and no share moves. */
  quietMs: 10_000,
  /** Never later, whatever the object asks for or how often it did not answer. */
  mostMs: 30_000,
  /** What is older by then says nothing of now, and is dropped. */
  keptMs: 60_000,
} as const

/** How reporting on one origin stands. */
export interface Dispatch {
  /** When the last call began; 0 before the first. */
  sentAtMs: number
  /** How long the object of the origin asked to be left in peace. */
  askedMs: number
  /** Calls in a row that nobody answered. */
  unanswered: number
  /** Said, but perhaps not heard: it goes again as it is, so that nothing is counted twice. */
  pending: PassiveReport | undefined
  pendingSinceMs: number
  /** What was last said to be under way. */
  saidInFlight: number
}

/** Nothing said yet. */
export function createDispatch(): Dispatch {
  return {
    sentAtMs: 0,
    askedMs: 0,
    unanswered: 0,
    pending: undefined,
    pendingSinceMs: 0,
    saidInFlight: 0,
  }
}

/** What there is to say of an origin, and what was said. */
export interface Subject {
  readonly id: string
  readonly open: InFlight
  /** Whether what is under way decides something, and is said again and again for as long as it is. */
  readonly isCounted: boolean
  /** Beyond how many it is passed over, if so; and how many there are, with those of all others. */
  readonly cap: number | undefined
  readonly inFlight: number
  readonly room: number | undefined
  readonly ejectedUntilMs: number
  readonly ejectedFor: string
  readonly tally: Tally
  readonly dispatch: Dispatch
}

/** Whether there is anything to say. */
export function hasNews(subject: Subject): boolean {
  const { tally, dispatch } = subject
  if (tally.requests > 0 || tally.shares !== undefined) return true
  return dispatch.pending !== undefined || hasConnections(subject)
}

/**
 * A lease must be renewed while there is something to count, and given back when there is nothing any more. Of an
 * origin that is full because of others nothing would be heard if nobody asked.
 */
function hasConnections(subject: Subject): boolean {
  const { isCounted, open, dispatch } = subject
  return isCounted && (underWay(open) > 0 || dispatch.saidInFlight > 0 || isFull(subject))
}

function isFull({ cap, inFlight, room = 1 }: Subject): boolean {
  return cap !== undefined && (inFlight >= cap || room <= 0)
}

/** Whether it is time to say it. Distances, not order: the clock may jump back. */
export function isDispatchDue(subject: Subject, isWatched: boolean, nowMs: number): boolean {
  const { tally, dispatch } = subject
  const isEasy = tally.failures === 0 && !isWatched && dispatch.pending === undefined
  const isQuiet = isEasy && !subject.isCounted
  const ownMs = isQuiet ? DISPATCH.quietMs : DISPATCH.leastMs
  const backoffMs = DISPATCH.leastMs * 2 ** Math.min(dispatch.unanswered, 4)
  const waitMs = Math.max(ownMs, dispatch.askedMs, dispatch.unanswered > 0 ? backoffMs : 0)
  return hasNews(subject) && sinceSent(dispatch, nowMs) >= Math.min(waitMs, DISPATCH.mostMs)
}

/** How long until another call may begin, even an urgent one. */
export function pauseOf(dispatch: Dispatch, nowMs: number): number {
  return Math.max(0, DISPATCH.leastMs - sinceSent(dispatch, nowMs))
}

function sinceSent({ sentAtMs }: Dispatch, nowMs: number): number {
  return Math.abs(nowMs - sentAtMs)
}

/** Who says it, and what every report of a pool says. */
export interface Sender extends Pick<
  PassiveReport,
  'isolate' | 'pool' | 'settings' | 'maxConnections'
> {
  nextSequence(this: void): number
}

/** The report to send now: the one that may not have been heard, or a new one of all that was counted since. */
export function beginDispatch(subject: Subject, sender: Sender, nowMs: number): PassiveReport {
  const { dispatch, tally, open, ejectedUntilMs, ejectedFor } = subject
  dispatch.sentAtMs = nowMs
  if (dispatch.pending) return dispatch.pending
  const { nextSequence, ...constant } = sender
  const report = {
    ...constant,
    sequence: nextSequence(),
    ...takeTally(tally),
    inFlight: underWay(open),
    ejectedFor: ejectedUntilMs > nowMs ? ejectedFor.slice(0, REPORT_LIMITS.detail) : '',
  }
  dispatch.pending = report
  dispatch.pendingSinceMs = nowMs
  dispatch.saidInFlight = report.inFlight
  return report
}

/** It was heard: the object says how long it wants to be left in peace. */
export function settleDispatch(dispatch: Dispatch, askedMs: number): void {
  dispatch.pending = undefined
  dispatch.unanswered = 0
  dispatch.askedMs = askedMs
}

/** It may not have been heard. Answers how many requests are given up, because they were too long ago. */
export function missDispatch(dispatch: Dispatch, nowMs: number): number {
  dispatch.unanswered += 1
  const { pending } = dispatch
  if (!pending || Math.abs(nowMs - dispatch.pendingSinceMs) < DISPATCH.keptMs) return 0
  dispatch.pending = undefined
  return pending.requests
}
