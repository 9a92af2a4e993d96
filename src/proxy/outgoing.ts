import type { SteerDecision } from '../core/decision.ts'
import type { CompiledOrigin } from '../core/snapshot.ts'
import type { Settings } from '../schema/config.ts'
import type { RequestFacts } from '../schema/facts.ts'
import { type Arrival, setForwarding, toVia } from './forwarding.ts'
import { changeHeaders } from './header-changes.ts'
import { removeHopByHop } from './hop-by-hop.ts'
import { type Identity, setTrace } from './identity.ts'
import { LOCAL_FACTS_HEADER } from './local-facts.ts'
import { readMaxForwards } from './max-forwards.ts'
import type { Replay } from './replay.ts'
import type { RequestUrl } from './request-url.ts'
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

/** What an outgoing request is made from. */
export interface OutgoingParts {
  readonly request: Request
  readonly facts: RequestFacts
  /** As the client sent it. */
  readonly via: string | null
  readonly url: RequestUrl
  readonly decision: SteerDecision
  readonly replay: Replay
  readonly identity: Identity
  readonly settings: Settings
}

/** The request for the origins: what concerns the client's connection is gone, what the origin must know is there. */
export function toOutgoing(parts: OutgoingParts): Outgoing {
  const { request, facts, via, url, decision, replay, identity, settings } = parts
  const { method, client } = facts
  const headers = new Headers(request.headers)
  removeHopByHop(headers, method)
  headers.delete(LOCAL_FACTS_HEADER)
  const forwards = readMaxForwards(method, headers)
  if (forwards !== undefined) headers.set('max-forwards', String(forwards - 1))
  const { rewrite, requestHeaders } = decision.route.route
  const arrival: Arrival = { url, host: rewrite?.host ?? url.authority, ip: client.ip }
  setForwarding(headers, arrival, settings.forwarding)
  headers.set('via', toVia(via, settings.name))
  // One that the client sent may have gone as nominated by Connection.
  if (!identity.isGiven || !headers.has('x-request-id')) {
    headers.set('x-request-id', identity.requestId)
  }
  setTrace(headers, identity, settings.forwarding.includes('traceparent'))
  if (requestHeaders) changeHeaders(headers, requestHeaders)
  return {
    method,
    target: toTarget(decision, url),
    headers,
    replay,
    clientHost: url.host,
  }
}

/** The headers for one origin. */
export function toOriginHeaders({ headers }: Outgoing, origin: CompiledOrigin): Headers {
  if (origin.headers.length === 0) return headers
  const own = new Headers(headers)
  for (const [name, value] of origin.headers) own.set(name, value)
  return own
}
