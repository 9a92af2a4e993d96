import type { CompiledOrigin } from '../core/snapshot.ts'
import type { Route } from '../schema/route.ts'
import { changeHeaders } from './header-changes.ts'
import { hasHopByHop, removeAnswerHopByHop } from './hop-by-hop.ts'

/** What is known of an answer besides itself. */
export interface Origination {
  readonly origin: CompiledOrigin
  readonly latencyMs: number
  readonly attempts: number
  readonly requestId: string
}

/**
 * The answer for the client. Where nothing changes it is the origin's own object: copying costs, and the
 * runtime cannot rebuild a WebSocket or a status it does not know.
 */
export function toIncoming(response: Response, route: Route, origination: Origination): Response {
  if (!isRebuildable(response)) return response
  const isClean = !hasHopByHop(response.headers)
  if (isClean && !route.expose && route.responseHeaders === undefined) return response
  const copy = new Response(response.body, response)
  if (!isClean) removeAnswerHopByHop(copy.headers)
  if (route.responseHeaders) changeHeaders(copy.headers, route.responseHeaders)
  if (route.expose) exposeOrigin(copy.headers, origination)
  return copy
}

/** `new Response` takes 200 to 599, and no open WebSocket. */
export function isRebuildable({ status, webSocket }: Response): boolean {
  return webSocket === null && status >= 200 && status <= 599
}

function exposeOrigin(headers: Headers, { origin, ...rest }: Origination): void {
  const { latencyMs, attempts, requestId } = rest
  headers.set('portolan-origin', origin.id)
  headers.set('x-request-id', requestId)
  headers.append(
    'server-timing',
    `origin;dur=${latencyMs};desc="${origin.id}", attempts;desc="${attempts}"`,
  )
}
