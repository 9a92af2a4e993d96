import { decideFor, findRoute, type FoundRoute } from '../core/decide.ts'
import type { Decision, SteerDecision } from '../core/decision.ts'
import type { ClientFacts, RequestFacts } from '../schema/facts.ts'
import type { RefusalReason } from '../schema/reason.ts'
import { openSession, type Session } from './affinity/session.ts'
import { readAddress, toAddressFacts, toClientFacts } from './client-facts.ts'
import { toClient } from './caching/give.ts'
import { passCached } from './caching/pass-cached.ts'
import { toFacts } from './facts.ts'
import { isLoop } from './forwarding.ts'
import { limit, type LimitVerdict, type Settling } from './limits/limit.ts'
import { LOCAL_FACTS_HEADER, parseLocalFacts } from './local-facts.ts'
import { answerHere, readMaxForwards } from './max-forwards.ts'
import type { Passage } from './passage.ts'
import { reportWhenDue } from './passive-reports.ts'
import type { RequestUrl } from './request-url.ts'
import { redirect, respond } from './respond.ts'
import { steer } from './steer.ts'

/** What comes of a request: an answer, or why the router gives none. */
export type Result = Response | RefusalReason

/** Decides, and does what was decided. */
export function pass(passage: Passage): Result | Promise<Result> {
  const { headers, standing, url, via, arrivedAtMs } = passage
  const { snapshot } = standing
  if (via !== null && isLoop(via, snapshot.settings.name)) return { type: 'loop', via }
  const { method } = passage.request
  if (readMaxForwards(method, headers) === 0) return answerHere(method)
  const client = clientOf(passage)
  if (!client.ok) return { type: 'bad-request', detail: client.detail }
  const sources = { method, url, client: client.facts, nowMs: arrivedAtMs, random: Math.random() }
  const facts = toFacts(headers, snapshot, sources)
  const found = findRoute(facts, snapshot)
  if (!found) return { type: 'no-route' }
  return found.route.isPlain ? conclude(passage, facts, found) : passGuarded(passage, facts, found)
}

/** A request that a limit may stop, or that belongs somewhere: both are known before it is decided. */
function passGuarded(
  passage: Passage,
  facts: RequestFacts,
  found: FoundRoute,
): Result | Promise<Result> {
  const limited = limit(passage, found.route, facts)
  if (limited instanceof Promise) {
    return limited.then((verdict) => passLimited(passage, facts, { found, verdict }))
  }
  return passLimited(passage, facts, { found, verdict: limited })
}

/** Each promise and each copy of a passage costs about 1 % of a request: there are no more than it takes. */
function passLimited(
  passage: Passage,
  facts: RequestFacts,
  { found, verdict }: { readonly found: FoundRoute; readonly verdict: LimitVerdict },
): Result | Promise<Result> {
  if (!verdict.ok) return verdict.refusal
  const { settling } = verdict
  if (settling === undefined) return passAdmitted(passage, facts, found)
  return passSettled(settling, () => passAdmitted(passage, facts, found))
}

/** What a request has taken it gives back also when a mistake ends it. */
async function passSettled(
  { settle, abandon }: Settling,
  go: () => Result | Promise<Result>,
): Promise<Result> {
  try {
    return settle(await go())
  } catch (error) {
    abandon()
    throw error
  }
}

function passAdmitted(
  passage: Passage,
  facts: RequestFacts,
  found: FoundRoute,
): Result | Promise<Result> {
  const isCached = passage.standing.caches.has(found.route.id)
  if (!isCached) return passOnward(passage, facts, found)
  return passCached(passage, facts, { found, onward: passOnward, giver: toClient })
}

/** On its way to the origins: where the client belongs, if anywhere, and the decision. */
function passOnward(
  passage: Passage,
  facts: RequestFacts,
  found: FoundRoute,
): Result | Promise<Result> {
  const { affinity, writes } = found.route.route
  const belongs = affinity !== undefined || writes !== undefined
  return belongs ? concludeInSession(passage, facts, found) : conclude(passage, facts, found)
}

function concludeInSession(
  passage: Passage,
  facts: RequestFacts,
  found: FoundRoute,
): Result | Promise<Result> {
  const opened = openSession(passage, found.route, facts)
  if (!(opened instanceof Promise)) return concludeBound(passage, facts, { found, session: opened })
  return opened.then((session) => concludeBound(passage, facts, { found, session }))
}

interface Bound {
  readonly found: FoundRoute
  readonly session: Session
}

/** Decides with what is known of where the client belongs. */
function concludeBound(
  passage: Passage,
  facts: RequestFacts,
  { found, session }: Bound,
): Result | Promise<Result> {
  const { durable } = session
  const outlives = passage.outlives || durable?.outlives === true
  const bound = { ...passage, session, outlives }
  const known = { ...facts, ...session.facts }
  return durable?.confirm === undefined
    ? conclude(bound, known, found)
    : concludeConfirmed(bound, known, { found, session })
}

/** As `conclude`, for a client that a session object may know, though nothing here says so. */
async function concludeConfirmed(
  passage: Passage,
  facts: RequestFacts,
  { found, session }: Bound,
): Promise<Result> {
  const { snapshot, ledger } = passage.standing
  const proposed = decideFor(found, { facts, snapshot, observations: ledger })
  if (proposed.type !== 'steer') return carryOut(passage, facts, proposed)
  const bond = await session.durable?.confirm?.(proposed)
  // Another isolate was first: the client belongs where that one has sent it, since then.
  const isOurs =
    bond?.origin === proposed.attempts[0]?.id && bond?.boundAtMs === passage.arrivedAtMs
  if (bond === undefined || isOurs) return carryOut(passage, facts, proposed)
  const known = { ...passage, session: { ...session, facts: { ...session.facts, bond } } }
  return conclude(known, { ...facts, bond }, found)
}

/** Decides, and does what was decided. */
export function conclude(
  passage: Passage,
  facts: RequestFacts,
  found: FoundRoute,
): Result | Promise<Result> {
  const { snapshot, ledger } = passage.standing
  return carryOut(passage, facts, decideFor(found, { facts, snapshot, observations: ledger }))
}

function carryOut(
  passage: Passage,
  facts: RequestFacts,
  decision: Decision,
): Result | Promise<Result> {
  const carryOutCached = passage.caching?.carryOut
  if (carryOutCached) return carryOutCached(passage, facts, decision)
  if (decision.type === 'steer') return steer(passage, facts, decision)
  // Whether everything is still full, only who reports will hear.
  if (decision.type === 'refuse') reportWhenDue(passage, passage.arrivedAtMs)
  return answerFor(decision, passage.url)
}

function answerFor(decision: Exclude<Decision, SteerDecision>, url: RequestUrl): Result {
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
function clientOf({ request, headers, standing, isLocal }: Passage): Client {
  const ip = readAddress(headers)
  const header = isLocal ? headers.get(LOCAL_FACTS_HEADER) : null
  if (header !== null) return parseLocalFacts(header, ip)
  return { ok: true, facts: standing.needsPlace ? toClientFacts(request, ip) : toAddressFacts(ip) }
}
