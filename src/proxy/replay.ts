import type { Retry } from '../schema/route.ts'

/** Safe methods, PUT and DELETE (RFC 9110 §9.2.2; the others from the IANA registry of methods). */
const IDEMPOTENT: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'OPTIONS',
  'TRACE',
  'PUT',
  'DELETE',
  'PROPFIND',
  'REPORT',
  'SEARCH',
  'QUERY',
])

/** A request's body as it is sent, and whether it, and the request, may be sent again. */
export interface Replay {
  readonly body: ArrayBuffer | ReadableStream<Uint8Array> | null
  /** Where `fetch` takes the body only from a request: it refuses a dictionary with a GET and a body. */
  readonly carrier: Request | undefined
  readonly isRepeatable: boolean
  /** Whether the body can be read more than once: there is none, or it is kept. */
  readonly isKept: boolean
  /** Settles when a body that streams has been sent. Never rejects. */
  readonly sent: Promise<void> | undefined
}

const NOTHING = { body: null, carrier: undefined, isKept: true, sent: undefined }
const EMPTY_AND_SAFE: Replay = { ...NOTHING, isRepeatable: true }
const EMPTY: Replay = { ...NOTHING, isRepeatable: false }

/** What is asked of a request here; of a `Request` or of what was read of it. */
interface Asked {
  readonly request: Request
  readonly headers: Headers
}

/**
 * Whether a request has a body. To ask a GET for its body costs 1 % of it, and it hardly ever has one: its
 * headers say as much.
 */
export function hasBody({ request, headers }: Asked, method: string): boolean {
  if (method !== 'GET' && method !== 'HEAD') return request.body !== null
  return headers.has('content-length') || headers.has('transfer-encoding')
}

/** How a request without a body is sent. */
export function toEmptyReplay({ headers }: Asked, method: string, retry: Retry): Replay {
  return isIdempotent(method, headers, retry) ? EMPTY_AND_SAFE : EMPTY
}

/** Whether doing a request twice is doing it once, by its method or by the client's word. */
function isIdempotent(method: string, headers: Headers, { idempotencyKey }: Retry): boolean {
  // Most are; and to look a method up costs more, which the runtime makes anew for each request.
  if (method === 'GET') return true
  return IDEMPOTENT.has(method) || (idempotencyKey && headers.has('idempotency-key'))
}

/**
 * Reads a body of known, small size: it can be sent again, and the origin's time starts when all of it is
 * here. Any other streams. `undefined` when the client went away in the middle of it.
 */
export async function toReplay(request: Request, retry: Retry): Promise<Replay | undefined> {
  const { method, headers } = request
  if (method === 'GET' || method === 'HEAD') {
    return { ...EMPTY, carrier: request, isKept: false }
  }
  const length = Number(headers.get('content-length') ?? Number.NaN)
  if (!(length <= retry.replayBytes)) return toStream(request, length)
  const body = await request.arrayBuffer().catch(() => undefined)
  return body && { ...EMPTY, body, isRepeatable: isIdempotent(method, headers, retry) }
}

/** A body that passes through, and says when it has: a slow client must not be taken for a slow origin. */
function toStream({ body }: Request, length: number): Replay {
  if (body === null) return EMPTY
  const isKnown = Number.isSafeInteger(length)
  const { readable, writable } = isKnown
    ? new FixedLengthStream(length)
    : new IdentityTransformStream()
  // Whichever side broke it off, the request to the origin tells.
  const sent = body.pipeTo(writable).catch(() => undefined)
  return { ...EMPTY, body: readable, isKept: false, sent }
}
