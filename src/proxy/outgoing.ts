import type { SteerDecision } from '../core/decision.ts'
import type { CompiledOrigin } from '../core/snapshot.ts'
import type { Settings } from '../schema/config.ts'
import { type Arrival, setForwarding, toVia } from './forwarding.ts'
import { changeHeaders } from './header-changes.ts'
import { removeHopByHop } from './hop-by-hop.ts'
import { type Identity, setTrace } from './identity.ts'
import { LOCAL_FACTS_HEADER } from './local-facts.ts'
import { readMaxForwards } from './max-forwards.ts'
import type { Replay } from './replay.ts'
import type { RequestUrl } from './request-url.ts'
import { toTarget } from './target.ts'
import { isWebSocketUpgrade, setUpgrade } from './websocket.ts'

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
  readonly url: RequestUrl
  readonly decision: SteerDecision
  readonly replay: Replay
  readonly ip: string | undefined
  readonly identity: Identity
  readonly settings: Settings
}

/** The request for the origins: what concerns the client's connection is gone, what the origin must know is there. */
export function toOutgoing(parts: OutgoingParts): Outgoing {
  const { request, url, decision, replay, identity, settings } = parts
  const headers = new Headers(request.headers)
  const isUpgrade = isWebSocketUpgrade(request)
  const via = toVia(headers.get('via'), settings.name)
  removeHopByHop(headers)
  headers.delete('expect')
  headers.delete(LOCAL_FACTS_HEADER)
  if (isUpgrade) setUpgrade(headers)
  const forwards = readMaxForwards(request)
  if (forwards !== undefined) headers.set('max-forwards', String(forwards - 1))
  const { rewrite, requestHeaders } = decision.route.route
  const arrival: Arrival = { url, host: rewrite?.host ?? url.authority, ip: parts.ip }
  setForwarding(headers, arrival, settings.forwarding)
  headers.set('via', via)
  if (headers.get('x-request-id') !== identity.requestId) {
    headers.set('x-request-id', identity.requestId)
  }
  setTrace(headers, identity, settings.forwarding.includes('traceparent'))
  if (requestHeaders) changeHeaders(headers, requestHeaders)
  return {
    method: request.method,
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
