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
  stem: string
  /** The upper 32 bits of its node, and the lower 16. */
  high: number
  low: number
  /** All of an id but its last four characters. */
  prefix: string
}

/** No request numbered yet. */
export function createNumbering(): Numbering {
  return { stem: '', high: 0, low: 0, prefix: '' }
}

/** Keeps what the client calls the request, if it is fit for a log line; otherwise a UUID of this isolate. */
export function toIdentity(headers: Headers, numbering: Numbering): Identity {
  const given = headers.get('x-request-id')
  const isGiven = given !== null && SANE_ID.test(given)
  return { requestId: isGiven ? given : nextId(numbering), isGiven }
}

/** The 256 bytes in two digits each: to write a number in hexadecimal costs more than the rest of an id. */
const DIGITS = Array.from({ length: 256 }, (_, byte) => toDigits(byte, 2))

/** One random UUID for the isolate, and the next node for each request: a tenth of a new random one's cost. */
function nextId(numbering: Numbering): string {
  if (numbering.stem === '') begin(numbering)
  const low = (numbering.low + 1) & 0xffff
  numbering.low = low
  if (low === 0) carry(numbering)
  return numbering.prefix + DIGITS[low >> 8] + DIGITS[low & 0xff]
}

function begin(numbering: Numbering): void {
  const random = crypto.randomUUID()
  numbering.stem = random.slice(0, 24)
  numbering.high = Number.parseInt(random.slice(24, 32), 16)
  numbering.low = Number.parseInt(random.slice(32), 16)
  numbering.prefix = random.slice(0, 32)
}

function carry(numbering: Numbering): void {
  numbering.high = (numbering.high + 1) % 2 ** 32
  numbering.prefix = numbering.stem + toDigits(numbering.high, 8)
}

function toDigits(number: number, length: number): string {
  return number.toString(16).padStart(length, '0')
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
