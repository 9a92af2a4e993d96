import { toStatus, toWords } from '../core/reason.ts'
import type { RefusalReason } from '../schema/reason.ts'
import { addRateFields } from './limits/rate-fields.ts'

/** What a problem is called in general, as its detail is about this one (RFC 9457 §3.1.3). */
const TITLES: Readonly<Record<RefusalReason['type'], string>> = {
  'bad-request': 'The request cannot be understood',
  'no-route': 'No route for this request',
  'no-snapshot': 'The router has no configuration',
  'no-origin': 'No origin may serve',
  overloaded: 'Every origin is full',
  'session-out': 'The origin of this session is out',
  'rate-limited': 'Too many requests',
  'too-many-at-once': 'Too many requests at the same time',
  'origin-failed': 'The origin failed',
  'origin-timeout': 'The origin did not answer in time',
  loop: 'The request goes round in a loop',
}

/** The answer of the router itself, where no origin gives one (RFC 9457). */
export function refuse(reason: RefusalReason, requestId: string): Response {
  const status = toStatus(reason)
  const headers = new Headers({ 'content-type': 'application/problem+json' })
  const retryAfterMs = retryAfterOf(reason)
  if (retryAfterMs > 0) headers.set('retry-after', String(Math.ceil(retryAfterMs / 1000)))
  const about = { reason: reason.type, title: TITLES[reason.type], status, detail: toWords(reason) }
  if (reason.type !== 'rate-limited') return problem(about, { headers, requestId })
  addRateFields(headers, reason.standings)
  return problem({ ...about, 'violated-policies': violatedOf(reason) }, { headers, requestId })
}

/** The member that the draft of the RateLimit fields defines for problems of this kind. */
function violatedOf({ standings }: Extract<RefusalReason, { type: 'rate-limited' }>): string[] {
  return standings.filter(({ left = 0 }) => left === 0).map(({ policy }) => policy)
}

/** The answer to a mistake in the router: it says nothing but that there is one, and its id for the log. */
export function refuseMistake(requestId: string): Response {
  const headers = new Headers({ 'content-type': 'application/problem+json' })
  const detail = 'The log of the router says more under this request id.'
  const title = 'The router failed'
  return problem({ reason: 'internal', title, status: 500, detail }, { headers, requestId })
}

interface Problem {
  readonly reason: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly 'violated-policies'?: readonly string[]
}

function problem(
  { reason, title, status, detail, ...more }: Problem,
  { headers, requestId }: { readonly headers: Headers; readonly requestId: string },
): Response {
  const type = `urn:portolan:problem:${reason}`
  const body = { type, title, status, detail, instance: requestId, reason, ...more }
  headers.set('cache-control', 'no-store')
  headers.set('x-request-id', requestId)
  return new Response(`${JSON.stringify(body, undefined, 2)}\n`, { status, headers })
}

/** A router without a configuration may have one at any moment; the panic rule says how long a route waits. */
function retryAfterOf(reason: RefusalReason): number {
  if ('retryAfterMs' in reason) return reason.retryAfterMs
  return reason.type === 'no-snapshot' ? 1000 : 0
}
