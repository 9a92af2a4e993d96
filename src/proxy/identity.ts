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

/** Keeps what the client calls the request, if it is fit for a log line; otherwise a random UUID. */
export function toIdentity(headers: Headers): Identity {
  const given = headers.get('x-request-id')
  const isGiven = given !== null && SANE_ID.test(given)
  return { requestId: isGiven ? given : crypto.randomUUID(), isGiven }
}

/**
 * Leaves a trace that the client began as it is, and removes what is none. A new one is made only where
 * the configuration asks: of the request id where that is a UUID, so that one is found by the other.
 */
export function setTrace(
  headers: Headers,
  { requestId, isGiven }: Identity,
  isWanted: boolean,
): void {
  const trace = headers.get('traceparent')
  if (trace === null ? !isWanted : isTraceparent(trace)) return
  if (isWanted) headers.set('traceparent', toTraceparent(isGiven ? crypto.randomUUID() : requestId))
  else if (trace !== null) headers.delete('traceparent')
  // The state of a trace that is not continued belongs to nobody (W3C Trace Context §3.3).
  headers.delete('tracestate')
}

function isTraceparent(value: string): boolean {
  return TRACEPARENT.test(value) && (!value.startsWith('00') || value.length === 55)
}

/** Not sampled: this router keeps no spans, and leaves the choice to whoever does. */
function toTraceparent(uuid: string): string {
  const trace = uuid.replaceAll('-', '')
  return `00-${trace}-${trace.slice(16)}-00`
}
