import { invariant } from '../core/invariant.ts'
import type { CompiledOrigin } from '../core/snapshot.ts'
import type { Retry } from '../schema/route.ts'
import type { OutlierEvent } from '../state/outlier.ts'
import { type Failure, toFailure } from './failure.ts'
import { takeRetry } from './isolate.ts'
import { type AttemptResult, noteResult } from './ledger.ts'
import { openHold } from './hold.ts'
import { closeAttempt } from './origin-record.ts'
import { reportPutAside, reportWhenDue } from './passive-reports.ts'
import { isSpent, pauseBefore } from './pause.ts'
import { nobodyHasRoom, passOverCapped } from './room.ts'
import { needsHostOverride, send } from './send.ts'
import { countLoad } from './shedding.ts'
import { openTrial, passOverFull, type Trial } from './trial.ts'
import type { Outcome, Trip } from './trip.ts'
import { within, withinAfter } from './within.ts'

/**
 * Tries the origins of a decision in their order until one gives an answer that is worth passing on. When
 * nothing is left to try, the last answer is passed on as it is.
 */
export async function attempt(planned: Trip): Promise<Outcome> {
  const { retry } = planned.decision.route.route
  const first = passOverCapped(passOverFull(planned, 1), 1)
  if (first === undefined) return nobodyHasRoom(planned, originOf(planned, 1))
  let trip = first
  const most = trip.outgoing.replay.isRepeatable ? retry.attempts : 1
  // Origins that this request must not bother again.
  const spent: CompiledOrigin[] = []
  for (let made = 1; ; made += 1) {
    // One after the other is the point of it.
    const outcome = await attemptOne(trip, made)
    if (!isWorthRetrying(outcome, retry) || made >= most || isClientGone(trip)) return outcome
    if (hasEndedAll(trip, outcome)) return outcome
    if (isSpent(outcome)) spent.push(outcome.origin)
    const next = passOverCapped(passOverFull(trip, made + 1), made + 1, outcome)
    if (next === undefined || spent.includes(originOf(next, made + 1))) return outcome
    const pauseMs = pauseBefore(next, made)
    if (pauseMs === undefined || !mayRetry(next)) return outcome
    trip = next
    discard(outcome)
    if (pauseMs > 0) await scheduler.wait(pauseMs)
  }
}

async function attemptOne(trip: Trip, attempts: number): Promise<Outcome> {
  const origin = originOf(trip, attempts)
  if (trip.passage.isLocal && needsHostOverride(origin)) {
    const detail = `origin "${origin.id}" wants another Host than its own, which only works deployed`
    return { type: 'failed', origin, failure: { type: 'no-answer', detail }, attempts }
  }
  const hold = openHold(trip, origin)
  let isHeld = false
  const startedAtMs = Date.now()
  const trial = openTrialOf(trip, origin, startedAtMs)
  let sending: Promise<Response> | undefined
  try {
    sending = send(trip.outgoing, origin, trip.options)
    const response = await inTime(trip, sending)
    const nowMs = Date.now()
    const latencyMs = nowMs - startedAtMs
    const { status } = response
    const event = toEvent(status)
    // An error that comes fast must not make an origin look fast, nor a slow upload make it look slow.
    const isTelling = event !== 'failure' && isSentAtOnce(trip)
    const seenMs = isTelling ? latencyMs : undefined
    note(trip, origin, { event, hasAnswered: true, latencyMs: seenMs, nowMs, trial })
    if (isBareSwitch(status, response)) {
      return { type: 'failed', origin, failure: BARE_SWITCH, attempts }
    }
    isHeld = hold?.isUntilEnd === true
    const held = isHeld ? hold : undefined
    return { type: 'answer', origin, response, hold: held, status, latencyMs, attempts }
  } catch (error) {
    // A request that cannot be made is a mistake of this program, and none of the origin.
    if (error instanceof TypeError) throw error
    const nowMs = Date.now()
    const failure = toFailure(error)
    const isTimeout = failure.type === 'timeout'
    if (isTimeout) dropLate(sending)
    const latencyMs = isTimeout && isSentAtOnce(trip) ? nowMs - startedAtMs : undefined
    // Whether a client was slow to send the body of a GET cannot be seen.
    const isSlowUpload = isTimeout && trip.outgoing.replay.carrier !== undefined
    const isDoubtful = isSlowUpload || isClientGone(trip)
    const result = { event: 'failure', hasAnswered: false, latencyMs, nowMs, trial } as const
    if (!isDoubtful) note(trip, origin, result)
    return { type: 'failed', origin, failure, attempts }
  } finally {
    if (hold && !isHeld) closeAttempt(hold.attempt)
    trial?.close()
  }
}

/** A client that goes away ends its requests to origins, which is no failure of theirs. */
function isClientGone({ passage }: Trip): boolean {
  return passage.request.signal.aborted
}

function note({ passage, decision }: Trip, origin: CompiledOrigin, result: AttemptResult): void {
  const { ledger } = passage.standing
  const putAside = noteResult(ledger, origin, result)
  if (ledger.loads.size > 0) countLoad(ledger, { origin, decision, result })
  const pool = ledger.poolsById.get(origin.pool)
  if (putAside && pool) reportPutAside(passage, putAside, pool)
  // Mostly someone is at it since the request came; not if it took long.
  reportWhenDue(passage, result.nowMs)
}

/** Whether time to the headers is the origin's alone: nothing of the request was still on its way. */
function isSentAtOnce({ outgoing: { replay } }: Trip): boolean {
  return replay.sent === undefined && replay.carrier === undefined
}

/** An answer that comes after all lets go of its connection; until then it ends with the request. */
function dropLate(sending: Promise<Response> | undefined): void {
  sending?.then((response) => response.body?.cancel()).catch(() => undefined)
}

/** A trial that a leaving client drops gives its place back at once, and not when it would have ended at the latest. */
function openTrialOf({ passage }: Trip, origin: CompiledOrigin, nowMs: number): Trial | undefined {
  const record = passage.standing.ledger.origins[origin.index]
  const trial = record && openTrial(record, nowMs)
  if (trial) passage.request.signal.addEventListener('abort', trial.close)
  return trial
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

/** Whether it was the time of the whole that an attempt ran out of. By the clock alone a moment may seem to be left. */
function hasEndedAll({ decision }: Trip, outcome: Outcome): boolean {
  if (outcome.type !== 'failed' || outcome.failure.type !== 'timeout') return false
  return outcome.failure.timeoutMs !== decision.route.route.timeouts.firstByte
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

/** Lets go of an answer that is not passed on, so that its connection is free again. */
export function discard(outcome: Outcome): void {
  if (outcome.type !== 'answer') return
  if (outcome.hold) closeAttempt(outcome.hold.attempt)
  // Whether the origin minds is of no interest: the answer is not wanted.
  outcome.response.body?.cancel().catch(() => undefined)
}

function isWorthRetrying(outcome: Outcome, { statuses }: Retry): boolean {
  return outcome.type === 'failed' || statuses.includes(outcome.status)
}
