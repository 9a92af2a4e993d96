import type { Pool } from '../schema/pool.ts'

/** When an origin is put aside because of what real traffic saw of it. */
export type OutlierSettings = Pool['outlier']

/** The window of the failure rate is counted in so many parts: older parts fall out one at a time. */
const PARTS = 6

/** What passive health remembers of one origin. */
export interface OutlierState {
  /** Failures since the last success. */
  readonly consecutive: number
  /** The part of time that the last counts belong to: `floor(nowMs / part length)`. */
  readonly part: number
  /** Results and failures of the last `PARTS` parts, the current one first. */
  readonly results: readonly number[]
  readonly failures: readonly number[]
  /** How often it was ejected, less what quiet time has forgiven. */
  readonly ejections: number
  /** 0 when it never was. */
  readonly ejectedUntilMs: number
  /** Successes that are still needed, once the ejection is over, until it is as any other; 0 when it is. */
  readonly trialsLeft: number
  readonly cause: string
}

/**
 * What came of an attempt. `failure` is a gateway error (502, 503, 504, no connection, no answer in time) or
 * an answer slower than the threshold; `error` is another 5xx, which counts in the rate but breaks a row of
 * failures: the origin itself spoke.
 */
export type OutlierEvent = 'success' | 'error' | 'failure'

/** What an event is judged by. */
export interface OutlierContext {
  readonly settings: OutlierSettings
  /** Milliseconds since the epoch; may jump back. */
  readonly nowMs: number
  /** Whether its pool can spare the origin. */
  readonly mayEject: boolean
  /** Whether the attempt began while the circuit was half-open, after the ejection that was the last. */
  readonly isTrial?: boolean
}

const NONE: readonly number[] = Array.from({ length: PARTS }, () => 0)

/** Nothing seen yet. */
export const initialOutlier: OutlierState = {
  consecutive: 0,
  part: 0,
  results: NONE,
  failures: NONE,
  ejections: 0,
  ejectedUntilMs: 0,
  trialsLeft: 0,
  cause: '',
}

/**
 * The state after one more result. Results of an origin that is ejected are stragglers and change nothing; while its
 * circuit is half-open only those of trials count.
 */
export function stepOutlier(
  state: OutlierState,
  event: OutlierEvent,
  context: OutlierContext,
): OutlierState {
  if (isEjected(state, context)) return state
  if (state.trialsLeft > 0) return context.isTrial ? stepTrial(state, event, context) : state
  const counted = count(state, event, context)
  const cause = causeOf(counted, context.settings)
  if (cause === undefined || !context.mayEject || event === 'success') return counted
  return eject(counted, cause, context)
}

/**
 * As many successes in a row as there may be trials close the circuit. Anything else opens it again, an error that the
 * origin itself spoke included: what was put aside for its errors has not recovered while it still has them.
 */
function stepTrial(
  state: OutlierState,
  event: OutlierEvent,
  context: OutlierContext,
): OutlierState {
  const { trials } = context.settings
  if (event === 'success') {
    // The configuration may ask for fewer by now.
    return { ...state, trialsLeft: Math.min(state.trialsLeft, trials) - 1 }
  }
  if (!context.mayEject) return { ...state, trialsLeft: trials }
  return eject(state, 'a request on trial failed', context)
}

/**
 * Whether a success now changes nothing but a count, and may be added later, with others: it breaks no row,
 * and no part of the window has ended.
 */
export function isRoutine(
  state: OutlierState,
  { settings, nowMs }: Pick<OutlierContext, 'settings' | 'nowMs'>,
): boolean {
  const isClosed = state.trialsLeft === 0 && state.ejectedUntilMs <= nowMs
  return isClosed && state.consecutive === 0 && partOf(settings, nowMs) === state.part
}

/** The state after so many successes that were routine. */
export function addRoutine(state: OutlierState, successes: number): OutlierState {
  return successes === 0 ? state : { ...state, results: add(state.results, 0, successes) }
}

function partOf({ window }: OutlierSettings, nowMs: number): number {
  return Math.floor((nowMs * PARTS) / window)
}

/**
 * Whether it is out. An ejection that ends later than one can last is left over from a clock that has
 * jumped back, and is none.
 */
export function isEjected(
  { ejectedUntilMs }: OutlierState,
  { settings, nowMs }: Pick<OutlierContext, 'settings' | 'nowMs'>,
): boolean {
  const remainingMs = ejectedUntilMs - nowMs
  return remainingMs > 0 && remainingMs <= settings.maxEjection
}

/** Ends an ejection before its time, without trials. It counts all the same: the next one is longer. */
export function liftEjection(state: OutlierState, nowMs: number): OutlierState {
  return { ...state, ejectedUntilMs: Math.min(state.ejectedUntilMs, nowMs), trialsLeft: 0 }
}

function count(
  state: OutlierState,
  event: OutlierEvent,
  { settings, nowMs }: OutlierContext,
): OutlierState {
  const part = partOf(settings, nowMs)
  const passed = part - state.part
  // A clock that jumps back has left the counts in a future that they do not belong to.
  const shift = passed < 0 ? PARTS : Math.min(passed, PARTS)
  return {
    ...state,
    consecutive: event === 'failure' ? state.consecutive + 1 : 0,
    part,
    results: add(state.results, shift, 1),
    failures: add(state.failures, shift, event === 'success' ? 0 : 1),
  }
}

/** The counts `shift` parts later, with `amount` more in the current part. */
function add(counts: readonly number[], shift: number, amount: number): readonly number[] {
  if (shift === 0) return amount === 0 ? counts : counts.with(0, (counts[0] ?? 0) + amount)
  const moved = [...NONE.slice(0, shift), ...counts.slice(0, PARTS - shift)]
  moved[0] = amount
  return moved
}

function causeOf(state: OutlierState, settings: OutlierSettings): string | undefined {
  const { consecutive } = state
  if (consecutive >= settings.consecutive) return `${consecutive} failures in a row`
  const results = sum(state.results)
  const failures = sum(state.failures)
  if (results < settings.minRequests || failures < results * settings.failureRate) return undefined
  return `${failures} of ${results} requests failed in ${settings.window / 1000} s`
}

function sum(counts: readonly number[]): number {
  let total = 0
  for (const each of counts) total += each
  return total
}

function eject(
  state: OutlierState,
  cause: string,
  { settings, nowMs }: OutlierContext,
): OutlierState {
  const ejections = ejectionsLeft(state, settings, nowMs) + 1
  const lastsMs = Math.min(settings.ejection * ejections, settings.maxEjection)
  const ejectedUntilMs = nowMs + lastsMs
  const { trials: trialsLeft } = settings
  return { ...initialOutlier, part: state.part, ejections, ejectedUntilMs, trialsLeft, cause }
}

/** Each time as long as the first ejection, spent without another one, forgives one (Envoy does the same). */
function ejectionsLeft(state: OutlierState, settings: OutlierSettings, nowMs: number): number {
  const quietMs = Math.max(0, nowMs - state.ejectedUntilMs)
  const most = Math.ceil(settings.maxEjection / settings.ejection)
  return Math.max(0, Math.min(state.ejections, most) - Math.floor(quietMs / settings.ejection))
}
