import type { Route } from '../schema/route.ts'
import { changeHeaders } from './header-changes.ts'
import { hasHopByHop, removeAnswerHopByHop } from './hop-by-hop.ts'
import type { Answered } from './trip.ts'

/** How an answer came about. */
export interface Origination {
  readonly outcome: Omit<Answered, 'response'>
  readonly requestId: string
}

/**
 * The answer for the client. Where nothing changes it is the origin's own object: copying costs, and the
 * runtime cannot rebuild a WebSocket or a status it does not know.
 */
export function toIncoming(response: Response, route: Route, origination: Origination): Response {
  const { status } = origination.outcome
  if (!isRebuildable(status)) return response
  const isClean = !hasHopByHop(response.headers, status)
  if (isClean && !route.expose && route.responseHeaders === undefined) return response
  const copy = new Response(response.body, response)
  if (!isClean) removeAnswerHopByHop(copy.headers)
  if (route.responseHeaders) changeHeaders(copy.headers, route.responseHeaders)
  if (route.expose) exposeOrigin(copy.headers, origination)
  return copy
}

/** `new Response` takes 200 to 599, and no 101 with its WebSocket. */
export function isRebuildable(status: number): boolean {
  return status >= 200 && status <= 599
}

function exposeOrigin(headers: Headers, { outcome, requestId }: Origination): void {
  const { origin, latencyMs, attempts } = outcome
  headers.set('portolan-origin', origin.id)
  headers.set('x-request-id', requestId)
  headers.append(
    'server-timing',
    `origin;dur=${latencyMs};desc="${origin.id}", attempts;desc="${attempts}"`,
  )
}
