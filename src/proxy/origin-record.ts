import type { OriginObservation } from '../core/observation.ts'
import {
  addRoutine,
  initialOutlier,
  isRoutine,
  liftEjection,
  type OutlierContext,
  type OutlierEvent,
  type OutlierState,
  stepOutlier,
} from '../state/outlier.ts'
import { createDispatch, type Dispatch } from './dispatch.ts'
import {
  createInFlight,
  finish,
  type InFlight,
  renew,
  start,
  type Started,
  turn,
  underWay,
} from './in-flight.ts'
import { createTally, type Tally } from './tally.ts'

/** After so long a latency that was seen counts for 1/e of what is seen now. */
const LATENCY_DECAY_MS = 10_000

/** The least that one new answer moves the latency, however many come at once. */
const LATENCY_LEAST_WEIGHT = 0.02

/** What this isolate has seen of one origin, and still sees. */
export interface OriginRecord extends OriginObservation {
  readonly id: string
  /** Of this isolate and of all others. */
  inFlight: number
  room: number | undefined
  /** What the others have, as far as it was heard. */
  others: number
  /** How many this isolate may have until it hears anew. */
  granted: number | undefined
  /** Until when both of these hold; 0 when nothing was heard. */
  leasedUntilMs: number
  /** Whether what is under way decides something: then it is reported. */
  isCounted: boolean
  /** Beyond how many the origin is passed over. */
  cap: number | undefined
  latencyMs: number | undefined
  ejectedUntilMs: number
  ejectedFor: string
  trials: number
  trialsUnderWay: number
  outlier: OutlierState
  /** Routine successes that `outlier` does not hold yet. */
  successes: number
  readonly open: InFlight
  /** Attempts that began while the circuit was half-open. */
  readonly openTrials: InFlight
  /** What was seen and not yet reported. */
  readonly tally: Tally
  readonly dispatch: Dispatch
  seenAtMs: number
  /** Since the isolate began. */
  requests: number
  failures: number
  ejections: number
}

/** Nothing seen of an origin yet. */
export function createRecord(id: string): OriginRecord {
  return {
    id,
    inFlight: 0,
    room: undefined,
    others: 0,
    granted: undefined,
    leasedUntilMs: 0,
    isCounted: false,
    cap: undefined,
    latencyMs: undefined,
    ejectedUntilMs: 0,
    ejectedFor: '',
    trials: 0,
    trialsUnderWay: 0,
    outlier: initialOutlier,
    successes: 0,
    open: createInFlight(),
    openTrials: createInFlight(),
    tally: createTally(),
    dispatch: createDispatch(),
    seenAtMs: 0,
    requests: 0,
    failures: 0,
    ejections: 0,
  }
}

/** An attempt that has begun. */
export interface OpenAttempt {
  readonly record: OriginRecord
  started: Started
  isOpen: boolean
}

/** Notes that an attempt has begun. */
export function openAttempt(record: OriginRecord): OpenAttempt {
  record.requests += 1
  const started = start(record.open)
  countOpen(record)
  return { record, started, isOpen: true }
}

/** Notes that an attempt is over; once, however often it is called. */
export function closeAttempt(attempt: OpenAttempt): void {
  const { record, started, isOpen } = attempt
  if (!isOpen) return
  attempt.isOpen = false
  finish(record.open, started)
  countOpen(record)
}

/** Notes that an attempt still goes on, so that it is not forgotten. */
export function renewAttempt(attempt: OpenAttempt): void {
  const { record, started, isOpen } = attempt
  if (!isOpen) return
  attempt.started = renew(record.open, started)
  countOpen(record)
}

/** Sums up what is under way, after any part of it has changed. */
export function countOpen(record: OriginRecord): void {
  const own = underWay(record.open)
  record.inFlight = own + record.others
  record.room = record.granted === undefined ? undefined : record.granted - own
}

/** Moves the latency towards what was seen last, by as much as time has passed. */
export function noteLatency(record: OriginRecord, latencyMs: number, nowMs: number): void {
  const passedMs = Math.max(0, nowMs - record.seenAtMs)
  const weight = Math.max(LATENCY_LEAST_WEIGHT, 1 - Math.exp(-passedMs / LATENCY_DECAY_MS))
  record.seenAtMs = nowMs
  record.latencyMs =
    record.latencyMs === undefined
      ? latencyMs
      : record.latencyMs + weight * (latencyMs - record.latencyMs)
}

/** Counts a success, if all that it changes is a count. */
export function noteRoutine(
  record: OriginRecord,
  context: Omit<OutlierContext, 'mayEject'>,
): boolean {
  const isSo = isRoutine(record.outlier, context)
  if (isSo) record.successes += 1
  return isSo
}

/** Steps passive health. True when that puts the origin aside. */
export function noteEvent(
  record: OriginRecord,
  event: OutlierEvent,
  context: OutlierContext,
): boolean {
  if (event !== 'success') record.failures += 1
  const before = addRoutine(record.outlier, record.successes)
  const state = stepOutlier(before, event, context)
  const isPutAside = state.ejectedUntilMs > before.ejectedUntilMs
  if (isPutAside) record.ejections += 1
  record.successes = 0
  record.outlier = state
  record.ejectedUntilMs = state.ejectedUntilMs
  record.ejectedFor = state.cause
  noteTrials(record, context.settings)
  return isPutAside
}

/** Takes the origin back before its time. */
export function takeBack(record: OriginRecord, nowMs: number): void {
  record.outlier = liftEjection(record.outlier, nowMs)
  record.ejectedUntilMs = 0
  record.trials = 0
}

/** Says how many requests may try the origin at a time: at once when it is ejected, for when that is over. */
export function noteTrials(record: OriginRecord, { trials }: OutlierContext['settings']): void {
  record.trials = record.outlier.trialsLeft > 0 ? trials : 0
}

/** Forgets what was started before the last turn and never finished. */
export function turnRecord(record: OriginRecord): void {
  turn(record.open)
  countOpen(record)
  turn(record.openTrials)
  record.trialsUnderWay = record.openTrials.young + record.openTrials.old
}
