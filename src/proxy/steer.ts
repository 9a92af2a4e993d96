import type { SteerDecision } from '../core/decision.ts'
import type { RequestFacts } from '../schema/facts.ts'
import type { RefusalReason } from '../schema/reason.ts'
import type { Route } from '../schema/route.ts'
import { toAnswerChanges } from './affinity/answer.ts'
import { attempt } from './attempt.ts'
import { toSignal } from './cancellation.ts'
import { toRefusal } from './failure.ts'
import { isRebuildable, toIncoming } from './incoming.ts'
import { holdUntilEnd, isEndAwaited, toAwaitable } from './hold.ts'
import { countForBudget } from './isolate.ts'
import { takeTurns } from './ledger.ts'
import { mirror } from './mirror.ts'
import { type Outgoing, toOutgoing } from './outgoing.ts'
import type { Passage } from './passage.ts'
import { reportWhenDue } from './passive-reports.ts'
import { hasBody, toEmptyReplay, toReplay } from './replay.ts'
import type { SendOptions } from './send.ts'
import { countShares } from './share-counts.ts'
import type { Answered, Outcome, Trip } from './trip.ts'
import { watch } from './watch.ts'

const KEPT: SendOptions = { signal: null, isWatched: true }

/** Sends a request to the origins of its decision: the answer of one of them, or why there is none. */
export async function steer(
  passage: Passage,
  facts: RequestFacts,
  decision: SteerDecision,
): Promise<Response | RefusalReason> {
  countSteered(passage, decision)
  const { retry } = decision.route.route
  const replay = hasBody(passage, facts.method)
    ? await toReplay(passage.request, retry)
    : toEmptyReplay(passage, facts.method, retry)
  if (!replay) return { type: 'bad-request', detail: 'The body of the request broke off.' }
  const trip = toTrip(passage, decision, toOutgoing(passage, { facts, decision, replay }))
  return toResult(trip, facts, await attempt(trip))
}

/** The same up to the answer of an origin: what is done with it is another's. For requests without a body. */
export async function reach(
  passage: Passage,
  facts: RequestFacts,
  decision: SteerDecision,
): Promise<Reached> {
  countSteered(passage, decision)
  const replay = toEmptyReplay(passage, facts.method, decision.route.route.retry)
  const trip = toTrip(passage, decision, toOutgoing(passage, { facts, decision, replay }))
  return { trip, outcome: await attempt(trip) }
}

/** What came of a trip. */
export interface Reached {
  readonly trip: Trip
  readonly outcome: Outcome
}

function countSteered({ isolate, standing, arrivedAtMs }: Passage, decision: SteerDecision): void {
  if (decision.turns.length > 0) takeTurns(standing.ledger, decision.turns)
  if (decision.natural) countShares(standing.ledger, decision)
  countForBudget(isolate, decision.route.id, arrivedAtMs)
}

/** What the client gets of the outcome of a trip. */
export function toResult(
  trip: Trip,
  facts: RequestFacts,
  outcome: Outcome,
): Response | RefusalReason {
  if (outcome.type === 'failed') {
    return toRefusal(outcome.failure, outcome.origin.id, outcome.attempts)
  }
  const { passage, decision } = trip
  const { session, identity, caching } = passage
  const changes = session && toAnswerChanges(passage, session, { facts, decision, outcome })
  const origination = { requestId: identity.requestId, outcome, changes, mark: caching?.mark }
  const incoming = toIncoming(outcome.response, decision.route.route, origination)
  return toLasting(passage, trip, { ...outcome, response: incoming })
}

/** The answer as it is sent, with its body limited and its end waited for, where the route or the pool wants that. */
function toLasting(passage: Passage, { decision, options }: Trip, outcome: Answered): Response {
  const { response, hold } = outcome
  if (options?.isWatched !== true) return response
  const watched = watchedWhere(decision.route.route, outcome, passage.arrivedAtMs)
  const lasting = isEndAwaited(passage, decision) ? toAwaitable(watched, passage) : watched
  return hold ? holdUntilEnd(passage, hold, lasting) : lasting
}

function watchedWhere(
  { timeouts }: Route,
  { response, status }: Answered,
  arrivedAtMs: number,
): Response {
  const { idle: idleMs, total } = timeouts
  const isUnlimited = idleMs === undefined && total === undefined
  if (isUnlimited || !isRebuildable(status)) return response
  return watch(response, { idleMs, endMs: total === undefined ? undefined : arrivedAtMs + total })
}

function toTrip(passage: Passage, decision: SteerDecision, outgoing: Outgoing): Trip {
  const { request, ctx, isolate } = passage
  if (decision.mirror) ctx.waitUntil(mirror(outgoing, decision.mirror, isolate.mirrors))
  const isReporting = reportWhenDue(passage, passage.arrivedAtMs)
  // What is fetched for the cache goes on without its client, and is kept as the origin encoded it.
  if (passage.caching?.isKept === true) return { passage, decision, outgoing, options: KEPT }
  const { total, idle } = decision.route.route.timeouts
  const outlives = passage.outlives || isReporting || decision.mirror !== undefined
  const isWatched = idle !== undefined || total !== undefined || isEndAwaited(passage, decision)
  const isSpecial = outlives || isWatched
  const options = isSpecial ? { signal: outlives ? toSignal(request) : null, isWatched } : undefined
  return { passage, decision, outgoing, options }
}
