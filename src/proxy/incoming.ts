import type { AnswerChanges } from './affinity/answer.ts'
import type { Route } from '../schema/route.ts'
import { changeHeaders } from './header-changes.ts'
import { hasHopByHop, removeAnswerHopByHop } from './hop-by-hop.ts'
import type { Answered } from './trip.ts'

/** How an answer came about. */
export interface Origination {
  readonly outcome: Omit<Answered, 'response' | 'hold'>
  readonly requestId: string
  /** What affinity has to tell the client. */
  readonly changes?: AnswerChanges | undefined
  /** What the cache of the route says of itself, added to the fields. */
  readonly mark?: ((headers: Headers, status: number) => void) | undefined
}

/**
 * The answer for the client. Where nothing changes it is the origin's own object: copying costs, and the
 * runtime cannot rebuild a status it does not know.
 */
export function toIncoming(response: Response, route: Route, origination: Origination): Response {
  const { outcome, changes, mark } = origination
  const { status } = outcome
  if (status === 101) return changes ? toSwitched(response, changes) : response
  if (!isRebuildable(status)) return response
  const isClean = !hasHopByHop(response.headers, status)
  const isSame = isClean && !route.expose && !route.responseHeaders && !changes && !mark
  if (isSame) return response
  const copy = new Response(response.body, response)
  if (!isClean) removeAnswerHopByHop(copy.headers)
  mark?.(copy.headers, status)
  if (route.responseHeaders) changeHeaders(copy.headers, route.responseHeaders)
  if (changes) applyChanges(copy.headers, changes)
  if (route.expose) exposeOrigin(copy.headers, origination)
  return copy
}

/** The same WebSocket with other headers: nothing of it is read here, so that all of it passes as it is. */
function toSwitched({ headers, webSocket }: Response, changes: AnswerChanges): Response {
  const copy = new Response(null, { status: 101, headers, webSocket })
  applyChanges(copy.headers, changes)
  return copy
}

function applyChanges(headers: Headers, { cookies, strips }: AnswerChanges): void {
  if (strips !== undefined) headers.delete(strips)
  if (cookies.length === 0) return
  for (const cookie of cookies) headers.append('set-cookie', cookie)
  makePrivate(headers)
}

/** Fields for the caches of a delivery network: what they say goes there before `Cache-Control` (RFC 9213 §2.2). */
const TARGETED = ['cdn-cache-control', 'cloudflare-cdn-cache-control', 'surrogate-control'] as const

/** A shared cache on the way would give the cookie of one client to all (RFC 9111 §7.3). */
function makePrivate(headers: Headers): void {
  for (const name of TARGETED) headers.delete(name)
  // As a whole: `private="x-user"` is about that header alone (RFC 9111 §5.2.2.7).
  const isPrivate = /(?:^|,)\s*(?:private|no-store)\s*(?:,|$)/i
  const control = headers.get('cache-control')
  if (control === null || !isPrivate.test(control)) headers.append('cache-control', 'private')
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
