import type { SteerDecision } from '../core/decision.ts'
import { invariant } from '../core/invariant.ts'
import type { CompiledOrigin } from '../core/snapshot.ts'
import type { Retry } from '../schema/route.ts'
import type { OutlierEvent } from '../state/outlier.ts'
import { type Failure, toFailure } from './failure.ts'
import { takeRetry } from './isolate.ts'
import { noteResult, openAttempt } from './ledger.ts'
import type { Outgoing } from './outgoing.ts'
import type { Passage } from './passage.ts'
import { parseRetryAfter } from './retry-after.ts'
import { needsHostOverride, send, type SendOptions } from './send.ts'
import { within, withinAfter } from './within.ts'

/** One request on its way to the origins of its decision. */
export interface Trip {
  readonly passage: Passage
  readonly decision: SteerDecision
  readonly outgoing: Outgoing
  readonly options: SendOptions | undefined
}

/** How one attempt ended, or a whole trip: with its last attempt. */
export type Outcome = Answered | Failed

/** An origin has answered, with whatever. */
export interface Answered {
  readonly type: 'answer'
  readonly origin: CompiledOrigin
  readonly response: Response
  readonly status: number
  /** Until the headers. */
  readonly latencyMs: number
  readonly attempts: number
}

interface Failed {
  readonly type: 'failed'
  readonly origin: CompiledOrigin
  readonly failure: Failure
  readonly attempts: number
}

/** An idle pause before the same origin is tried again grows to at most so many times its base. */
const LONGEST_BACKOFF = 10

/**
 * Tries the origins of a decision in their order until one gives an answer that is worth passing on. When
 * nothing is left to try, the last answer is passed on as it is.
 */
export async function attempt(trip: Trip): Promise<Outcome> {
  const { retry } = trip.decision.route.route
  const most = trip.outgoing.replay.isRepeatable ? retry.attempts : 1
  for (let made = 1; ; made += 1) {
    // One after the other is the point of it.
    const outcome = await attemptOne(trip, made)
    if (!isWorthRetrying(outcome, retry) || made >= most) return outcome
    const pauseMs = pauseBefore(trip, outcome)
    if (pauseMs === undefined || !mayRetry(trip)) return outcome
    discard(outcome)
    if (pauseMs > 0) await scheduler.wait(pauseMs)
  }
}

async function attemptOne(trip: Trip, attempts: number): Promise<Outcome> {
  const { ledger } = trip.passage.standing
  const origin = originOf(trip, attempts)
  if (trip.passage.isLocal && needsHostOverride(origin)) {
    const detail = `origin "${origin.id}" wants another Host than its own, which only works deployed`
    return { type: 'failed', origin, failure: { type: 'no-answer', detail }, attempts }
  }
  const close = openCounted(trip, origin)
  const startedAtMs = Date.now()
  try {
    const response = await inTime(trip, send(trip.outgoing, origin, trip.options))
    const nowMs = Date.now()
    const latencyMs = nowMs - startedAtMs
    const { status } = response
    const event = toEvent(status)
    // An error that comes fast must not make an origin look fast.
    const seenMs = event === 'failure' ? undefined : latencyMs
    noteResult(ledger, origin, { event, latencyMs: seenMs, nowMs })
    return isBareSwitch(status, response)
      ? { type: 'failed', origin, failure: BARE_SWITCH, attempts }
      : { type: 'answer', origin, response, status, latencyMs, attempts }
  } catch (error) {
    // A request that cannot be made is a mistake of this program, and none of the origin.
    if (error instanceof TypeError) throw error
    const nowMs = Date.now()
    const failure = toFailure(error)
    const isTimeout = failure.type === 'timeout'
    const latencyMs = isTimeout ? nowMs - startedAtMs : undefined
    // Whether a client was slow to send the body of a GET cannot be seen.
    const isDoubtful = isTimeout && trip.outgoing.replay.carrier !== undefined
    if (!isDoubtful) noteResult(ledger, origin, { event: 'failure', latencyMs, nowMs })
    return { type: 'failed', origin, failure, attempts }
  } finally {
    close?.()
  }
}

/** Counts an attempt as in flight, until what is returned is called. */
function openCounted({ passage }: Trip, origin: CompiledOrigin): (() => void) | undefined {
  const { ledger } = passage.standing
  const record = ledger.origins[origin.index]
  const close = record && openAttempt(record)
  // The runtime drops the request of a client that goes away, and with it whatever would close this.
  if (close && ledger.countedPools.has(origin.pool)) {
    passage.request.signal.addEventListener('abort', close)
  }
  return close
}

function mayRetry({ passage, decision }: Trip): boolean {
  return takeRetry(passage.isolate, decision.route, Date.now())
}

function originOf({ decision: { attempts } }: Trip, made: number): CompiledOrigin {
  const origin = attempts[(made - 1) % attempts.length]
  invariant(origin, 'a decision to steer names at least one origin')
  return origin
}

/**
 * The headers of an answer, waited for as long as the route allows: from now or, where a body streams, from
 * its end; and in any case no longer than the whole may take.
 */
function inTime({ decision, passage, outgoing }: Trip, answer: Promise<Response>) {
  const { firstByte, total } = decision.route.route.timeouts
  const { sent } = outgoing.replay
  const leftMs =
    total === undefined ? Infinity : Math.max(0, passage.arrivedAtMs + total - Date.now())
  if (sent === undefined) return within(Math.min(firstByte, leftMs), answer)
  return within(leftMs, withinAfter(sent, firstByte, answer))
}

const BARE_SWITCH: Failure = {
  type: 'no-answer',
  detail: 'it switched to a protocol that this router does not speak',
}

/** A 101 to something else than a WebSocket: passed on, the client would talk to nobody. */
function isBareSwitch(status: number, response: Response): boolean {
  return status === 101 && response.webSocket === null
}

/** The gateway errors of RFC 9110 §15.6, which say that the origin itself was not reached or is overloaded. */
function toEvent(status: number): OutlierEvent {
  if (status === 502 || status === 503 || status === 504) return 'failure'
  return status >= 500 && status <= 599 ? 'error' : 'success'
}

function isWorthRetrying(outcome: Outcome, { statuses }: Retry): boolean {
  return outcome.type === 'failed' || statuses.includes(outcome.status)
}

/**
 * How long to wait before the next attempt; `undefined` when there is none to make: the only origin left
 * has stalled or asks for a pause (`Retry-After`), or the time of the whole request is over.
 */
function pauseBefore(trip: Trip, outcome: Outcome): number | undefined {
  const nowMs = Date.now()
  const { timeouts, retry } = trip.decision.route.route
  const leftMs =
    timeouts.total === undefined ? Infinity : trip.passage.arrivedAtMs + timeouts.total - nowMs
  const { length } = trip.decision.attempts
  const rounds = Math.floor(outcome.attempts / length)
  if (rounds === 0) return leftMs > 0 ? 0 : undefined
  // An origin that has stalled once is not helped by the same request twice.
  if (outcome.type === 'failed' && outcome.failure.type === 'timeout') return undefined
  if (length === 1 && outcome.type === 'answer') {
    const asked = parseRetryAfter(outcome.response.headers.get('retry-after'), nowMs)
    if (asked > 0) return undefined
  }
  // Full jitter (AWS Architecture Blog, "Exponential Backoff And Jitter"), so that retries do not march in step.
  const longestMs = retry.backoff * Math.min(2 ** (rounds - 1), LONGEST_BACKOFF)
  const pauseMs = Math.ceil(Math.random() * longestMs)
  return pauseMs < leftMs ? pauseMs : undefined
}

/** Lets go of an answer that is not passed on, so that its connection is free again. */
function discard(outcome: Outcome): void {
  if (outcome.type !== 'answer') return
  // Whether the origin minds is of no interest: the answer is not wanted.
  outcome.response.body?.cancel().catch(() => undefined)
}
