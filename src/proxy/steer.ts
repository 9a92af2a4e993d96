import type { SteerDecision } from '../core/decision.ts'
import type { RequestFacts } from '../schema/facts.ts'
import type { RefusalReason } from '../schema/reason.ts'
import type { Route } from '../schema/route.ts'
import { attempt, type Trip } from './attempt.ts'
import { toSignal } from './cancellation.ts'
import { toRefusal } from './failure.ts'
import type { Identity } from './identity.ts'
import { isRebuildable, toIncoming } from './incoming.ts'
import { countForBudget, type Isolate, type Standing, takeRetry } from './isolate.ts'
import { takeTurns } from './ledger.ts'
import { mirror } from './mirror.ts'
import { type Outgoing, toOutgoing } from './outgoing.ts'
import { type Replay, toEmptyReplay, toReplay } from './replay.ts'
import type { RequestUrl } from './request-url.ts'
import { watch } from './watch.ts'

/** A request whose decision is to be carried out. */
export interface Passage {
  readonly request: Request
  readonly ctx: ExecutionContext
  readonly isolate: Isolate
  readonly standing: Standing
  readonly decision: SteerDecision
  readonly facts: RequestFacts
  readonly url: RequestUrl
  readonly via: string | null
  readonly identity: Identity
  readonly arrivedAtMs: number
  readonly isLocal: boolean
  /** Whether something of this request goes on after its answer. */
  readonly outlives: boolean
}

/** Sends a request to the origins of its decision: the answer of one of them, or why there is none. */
export async function steer(passage: Passage): Promise<Response | RefusalReason> {
  const { isolate, decision, standing, arrivedAtMs } = passage
  const { id, route } = decision.route
  takeTurns(standing.ledger, decision.turns)
  countForBudget(isolate, id, arrivedAtMs)
  const replay = await replayOf(passage)
  if (!replay) return { type: 'bad-request', detail: 'The body of the request broke off.' }
  const outgoing = toOutgoing({ ...passage, replay, settings: standing.snapshot.settings })
  const outcome = await attempt(toTrip(passage, outgoing))
  if (outcome.type === 'failed') {
    return toRefusal(outcome.failure, outcome.origin.id, outcome.attempts)
  }
  const { requestId } = passage.identity
  const response = watched(outcome.response, route, arrivedAtMs)
  return toIncoming(response, route, { ...outcome, requestId })
}

/** A request without a body is the common case, and waits for nothing. */
function replayOf({ request, decision }: Passage): Replay | Promise<Replay | undefined> {
  const { retry } = decision.route.route
  if (request.body === null) return toEmptyReplay(request, retry)
  return toReplay(request, retry, decision.mirror !== undefined)
}

function watched(response: Response, { timeouts }: Route, arrivedAtMs: number): Response {
  const { idle: idleMs, total } = timeouts
  const isUnlimited = idleMs === undefined && total === undefined
  if (isUnlimited || !isRebuildable(response)) return response
  return watch(response, { idleMs, endMs: total === undefined ? undefined : arrivedAtMs + total })
}

function toTrip(passage: Passage, outgoing: Outgoing): Trip {
  const { request, ctx, isolate, decision, arrivedAtMs, isLocal, standing } = passage
  const { id, route } = decision.route
  if (decision.mirror) ctx.waitUntil(mirror(outgoing, decision.mirror, isolate.mirrors))
  const { total, idle } = route.timeouts
  const outlives = passage.outlives || decision.mirror !== undefined
  return {
    request,
    decision,
    outgoing,
    ledger: standing.ledger,
    options: {
      signal: outlives ? toSignal(request) : null,
      isWatched: idle !== undefined || total !== undefined,
    },
    arrivedAtMs,
    isLocal,
    spendRetry: () => takeRetry(isolate, { id, retry: route.retry }, Date.now()),
  }
}
