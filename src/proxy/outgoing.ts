import type { SteerDecision } from '../core/decision.ts'
import type { CompiledOrigin } from '../core/snapshot.ts'
import type { RequestFacts } from '../schema/facts.ts'
import { hideCookies } from './affinity/cookie-session.ts'
import { setForwarding, toVia } from './forwarding.ts'
import { changeHeaders } from './header-changes.ts'
import { removeHopByHop } from './hop-by-hop.ts'
import { setTrace } from './identity.ts'
import type { Standing } from './isolate.ts'
import { LOCAL_FACTS_HEADER } from './local-facts.ts'
import { readMaxForwards } from './max-forwards.ts'
import type { Passage } from './passage.ts'
import type { Replay } from './replay.ts'
import { toTarget } from './target.ts'

/** A request as it goes to whichever origin: made once, sent once per attempt. */
export interface Outgoing {
  readonly method: string
  /** Path and query. */
  readonly target: string
  readonly headers: Headers
  readonly replay: Replay
  /** The host that the client asked for, for origins that want to be told it. */
  readonly clientHost: string
}

/** What an outgoing request is made from, besides the request. */
export interface OutgoingParts {
  readonly facts: RequestFacts
  readonly decision: SteerDecision
  readonly replay: Replay
}

/** The request for the origins: what concerns the client's connection is gone, what the origin must know is there. */
export function toOutgoing(
  { headers: received, identity, url, via, standing, session, caching }: Arrived,
  { facts, decision, replay }: OutgoingParts,
): Outgoing {
  const { method, client } = facts
  const { rewrite, requestHeaders } = decision.route.route
  const headers = new Headers(received)
  removeHopByHop(headers, method)
  headers.delete(LOCAL_FACTS_HEADER)
  const forwards = readMaxForwards(method, headers)
  if (forwards !== undefined) headers.set('max-forwards', String(forwards - 1))
  const arrival = { url, host: rewrite?.host ?? url.authority, ip: client.ip }
  setForwarding(headers, arrival, standing.forwarding)
  headers.set('via', toVia(via, standing.snapshot.settings.name))
  // One that the client sent may have gone as nominated by Connection.
  if (!identity.isGiven || !headers.has('x-request-id')) {
    headers.set('x-request-id', identity.requestId)
  }
  setTrace(headers, standing.forwarding.trace)
  if (session?.hasOurs === true) hideCookies(headers, decision.route)
  caching?.toOrigin?.(headers)
  if (requestHeaders) changeHeaders(headers, requestHeaders)
  session?.durable?.toOrigin?.(headers)
  return { method, target: toTarget(decision, url), headers, replay, clientHost: url.host }
}

/** What of a passage an outgoing request is made from. */
type Arrived = Pick<Passage, 'headers' | 'identity' | 'url' | 'via' | 'session' | 'caching'> & {
  readonly standing: Pick<Standing, 'snapshot' | 'forwarding'>
}

/** The headers for one origin. */
export function toOriginHeaders({ headers }: Outgoing, origin: CompiledOrigin): Headers {
  if (origin.headers.length === 0) return headers
  const own = new Headers(headers)
  for (const [name, value] of origin.headers) own.set(name, value)
  return own
}
