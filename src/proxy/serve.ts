import { decide } from '../core/decide.ts'
import type { Decision, SteerDecision } from '../core/decision.ts'
import type { Env } from '../env.ts'
import type { ClientFacts } from '../schema/facts.ts'
import type { RefusalReason } from '../schema/reason.ts'
import { adminPrefixOf } from './admin-prefix.ts'
import { readAddress, toAddressFacts, toClientFacts } from './client-facts.ts'
import { toFacts } from './facts.ts'
import { isLoop } from './forwarding.ts'
import { type Identity, toIdentity } from './identity.ts'
import { type Isolate, type Standing, standingOf } from './isolate.ts'
import { tidyLedger } from './ledger.ts'
import { LOCAL_FACTS_HEADER, parseLocalFacts } from './local-facts.ts'
import { answerHere, readMaxForwards } from './max-forwards.ts'
import { placesOf } from './places.ts'
import { refuse, refuseMistake } from './refuse.ts'
import { isAboutServer, parseRequestUrl, type RequestUrl } from './request-url.ts'
import { redirect, respond } from './respond.ts'
import { firstSnapshot, isRefreshDue, refresh } from './source.ts'
import { steer } from './steer.ts'

/** One request as the platform hands it over. */
export interface Call {
  readonly request: Request
  readonly env: Env
  readonly ctx: ExecutionContext
}

/** Answers what stands under the prefix of the router itself. */
export type AdminDoor = (call: Call, prefix: string) => Promise<Response>

/** Serves every request of an isolate: those for the router itself at its door, the others from the origins. */
export async function serve(isolate: Isolate, call: Call, admin: AdminDoor): Promise<Response> {
  const identity = toIdentity(call.request.headers)
  try {
    return await answer(isolate, { ...call, identity, admin })
  } catch (error) {
    // A mistake in this program: whatever may go wrong outside is data.
    isolate.mistakes += 1
    console.error('a request was not served', identity.requestId, error)
    return refuseMistake(identity.requestId)
  }
}

interface Arrived extends Call {
  readonly identity: Identity
  readonly admin: AdminDoor
}

async function answer(isolate: Isolate, arrived: Arrived): Promise<Response> {
  const { request, env, ctx, identity } = arrived
  const nowMs = Date.now()
  const { source } = isolate
  const parsed = parseRequestUrl(request)
  if (!parsed.ok) {
    if (isAboutServer(request)) return answerHere(request.method)
    return refuseCounted(isolate, { type: 'bad-request', detail: parsed.detail }, identity)
  }
  const { url } = parsed
  const load = () => refresh(source, placesOf(env, url.host))
  // Someone has to look for a newer snapshot now and then: this request, after its answer.
  const outlives = source.snapshot !== undefined && isRefreshDue(source, nowMs)
  if (outlives) {
    ctx.waitUntil(load())
    if (isolate.standing) tidyLedger(isolate.standing.ledger, nowMs)
  }
  const snapshot = source.snapshot ?? (await firstSnapshot(source, () => keepAlive(ctx, load())))
  const prefix = adminPrefixOf(url, snapshot?.settings)
  if (prefix !== undefined) return arrived.admin(arrived, prefix)
  isolate.requests += 1
  if (!snapshot) return refuseCounted(isolate, { type: 'no-snapshot' }, identity)
  const standing = standingOf(isolate, snapshot, nowMs)
  const passing = { ...arrived, isolate, standing, url, outlives, arrivedAtMs: nowMs }
  const result = await pass(passing)
  return result instanceof Response ? result : refuseCounted(isolate, result, identity)
}

/** The first load must end even when the client that caused it goes away: others look on. */
function keepAlive(ctx: ExecutionContext, load: Promise<void>): Promise<void> {
  ctx.waitUntil(load)
  return load
}

function refuseCounted(isolate: Isolate, reason: RefusalReason, identity: Identity): Response {
  isolate.refusals += 1
  return refuse(reason, identity.requestId)
}

interface Passing extends Arrived {
  readonly isolate: Isolate
  readonly standing: Standing
  readonly url: RequestUrl
  readonly outlives: boolean
  readonly arrivedAtMs: number
}

/** Decides, and does what was decided. */
function pass(passing: Passing): Response | RefusalReason | Promise<Response | RefusalReason> {
  const { request, standing, url, arrivedAtMs } = passing
  const { snapshot, ledger } = standing
  const { method, headers } = request
  const via = headers.get('via')
  if (via !== null && isLoop(via, snapshot.settings.name)) return { type: 'loop', via }
  if (readMaxForwards(method, headers) === 0) return answerHere(method)
  const client = clientOf(passing)
  if (!client.ok) return { type: 'bad-request', detail: client.detail }
  const sources = { url, client: client.facts, nowMs: arrivedAtMs, random: Math.random() }
  const facts = toFacts(request, snapshot, sources)
  const decision = decide(facts, snapshot, ledger)
  if (decision.type !== 'steer') return answerFor(decision, url)
  return steer({ ...passing, decision, facts, via, isLocal: isLocal(passing.env) })
}

function answerFor(
  decision: Exclude<Decision, SteerDecision>,
  url: RequestUrl,
): Response | RefusalReason {
  switch (decision.type) {
    case 'respond':
      return respond(decision.respond, decision.route.route)
    case 'redirect':
      return redirect(decision.redirect, decision.route.route, url)
    case 'refuse':
      return decision.reason
  }
}

type Client =
  | { readonly ok: true; readonly facts: ClientFacts }
  | { readonly ok: false; readonly detail: string }

/** What is known of the client; in local mode, what a header says of it. */
function clientOf({ request, env, standing }: Passing): Client {
  const ip = readAddress(request)
  const header = isLocal(env) ? request.headers.get(LOCAL_FACTS_HEADER) : null
  if (header !== null) return parseLocalFacts(header, ip)
  return { ok: true, facts: standing.needsPlace ? toClientFacts(request, ip) : toAddressFacts(ip) }
}

function isLocal(env: Env): boolean {
  return env.PORTOLAN_LOCAL === 'true'
}
