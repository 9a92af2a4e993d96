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
}

const NOTHING = { body: null, carrier: undefined, isKept: true }
const EMPTY_AND_SAFE: Replay = { ...NOTHING, isRepeatable: true }
const EMPTY: Replay = { ...NOTHING, isRepeatable: false }

/** Whether doing a request twice is doing it once, by its method or by the client's word. */
export function isIdempotent({ method, headers }: Request, { idempotencyKey }: Retry): boolean {
  return IDEMPOTENT.has(method) || (idempotencyKey && headers.has('idempotency-key'))
}

/** How a request without a body is sent. */
export function toEmptyReplay(request: Request, retry: Retry): Replay {
  return isIdempotent(request, retry) ? EMPTY_AND_SAFE : EMPTY
}

/**
 * Reads a body that is worth keeping: small, of known size, and wanted again. Otherwise it streams.
 * `undefined` when the client went away in the middle of it.
 */
export async function toReplay(
  request: Request,
  retry: Retry,
  isMirrored: boolean,
): Promise<Replay | undefined> {
  if (request.method === 'GET' || request.method === 'HEAD') {
    return { body: null, carrier: request, isRepeatable: false, isKept: false }
  }
  const isWanted = isMirrored || (retry.attempts > 1 && isIdempotent(request, retry))
  const length = Number(request.headers.get('content-length') ?? Number.NaN)
  if (!isWanted || !(length <= retry.replayBytes)) {
    return { body: request.body, carrier: undefined, isRepeatable: false, isKept: false }
  }
  const body = await request.arrayBuffer().catch(() => undefined)
  return (
    body && { body, carrier: undefined, isRepeatable: isIdempotent(request, retry), isKept: true }
  )
}
