/** How a request is known to everyone it passes. */
export interface Identity {
  readonly requestId: string
  /** Whether the client sent an id that is fit to be passed on as it stands. */
  readonly isGiven: boolean
}

const SANE_ID = /^[A-Za-z0-9._-]{1,128}$/

/** Version, trace, parent and flags. A later version may say more behind a further hyphen. */
const TRACEPARENT =
  /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:$|-)/

/** Numbers the requests of one isolate, which no other isolate names alike. */
export interface Numbering {
  /** The first 24 characters of a random UUID; empty before the first request: a Worker has no chance before. */
  prefix: string
  /** The 48 bits of its node. */
  node: number
}

/** No request numbered yet. */
export function createNumbering(): Numbering {
  return { prefix: '', node: 0 }
}

/** Keeps what the client calls the request, if it is fit for a log line; otherwise a UUID of this isolate. */
export function toIdentity(headers: Headers, numbering: Numbering): Identity {
  const given = headers.get('x-request-id')
  const isGiven = given !== null && SANE_ID.test(given)
  return { requestId: isGiven ? given : nextId(numbering), isGiven }
}

/** One random UUID for the isolate, and the next node for each request: a tenth of a new random one's cost. */
function nextId(numbering: Numbering): string {
  if (numbering.prefix === '') {
    const random = crypto.randomUUID()
    numbering.prefix = random.slice(0, 24)
    numbering.node = Number.parseInt(random.slice(24), 16)
  }
  numbering.node = (numbering.node + 1) % 2 ** 48
  return numbering.prefix + numbering.node.toString(16).padStart(12, '0')
}

/**
 * Leaves a trace that the client began as it is, and removes what is none. A new one is made only where
 * the configuration asks.
 */
export function setTrace(headers: Headers, isWanted: boolean): void {
  const trace = headers.get('traceparent')
  if (trace === null ? !isWanted : isTraceparent(trace)) return
  if (isWanted) headers.set('traceparent', createTraceparent())
  else headers.delete('traceparent')
  // The state of a trace that is not continued belongs to nobody (W3C Trace Context §3.3).
  headers.delete('tracestate')
}

function isTraceparent(value: string): boolean {
  return TRACEPARENT.test(value) && (!value.startsWith('00') || value.length === 55)
}

/** Not sampled: this router keeps no spans, and leaves the choice to whoever does. */
function createTraceparent(): string {
  const random = crypto.randomUUID().replaceAll('-', '')
  return `00-${random}-${random.slice(16)}-00`
}
