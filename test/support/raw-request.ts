/** One request as it stood on the wire: the head as latin1 text, the body as bytes (chunked coding removed). */
export interface RawRequest {
  readonly head: string
  readonly method: string
  readonly target: string
  readonly body: Buffer
  /** Trailer lines after a chunked body, as latin1 text. */
  readonly trailers: string
}

/** A request cut out of the bytes that have come so far, with what is left of them. */
export interface ParsedRequest {
  readonly request: RawRequest
  readonly rest: Buffer
}

interface ParsedBody {
  readonly body: Buffer
  readonly trailers: string
  readonly rest: Buffer
}

/**
 * Cuts the first complete HTTP/1.1 request out of `bytes`, or gives undefined while some of it is still to come.
 * It is lenient on purpose: it records what a proxy sent, it does not judge it.
 */
export function parseRawRequest(bytes: Buffer): ParsedRequest | undefined {
  const end = bytes.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const head = bytes.subarray(0, end).toString('latin1')
  const parsed = parseBody(head, bytes.subarray(end + 4))
  if (parsed === undefined) return undefined
  const [method = '', target = ''] = head.split('\r\n', 1)[0]?.split(' ') ?? []
  const { body, trailers, rest } = parsed
  return { request: { head, method, target, body, trailers }, rest }
}

/** Every value of a header in a raw head, in order; names are compared without case. */
export function rawHeaderValues(head: string, name: string): readonly string[] {
  const wanted = name.toLowerCase()
  return head
    .split('\r\n')
    .slice(1)
    .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)] as const)
    .filter(([key]) => key.toLowerCase() === wanted)
    .map(([, value]) => value.trim())
}

function parseBody(head: string, rest: Buffer): ParsedBody | undefined {
  if (/^transfer-encoding:.*chunked/im.test(head)) return parseChunks(rest)
  const length = Number(rawHeaderValues(head, 'content-length')[0] ?? 0)
  if (rest.length < length) return undefined
  return { body: rest.subarray(0, length), trailers: '', rest: rest.subarray(length) }
}

function parseChunks(bytes: Buffer): ParsedBody | undefined {
  const parts: Buffer[] = []
  let rest = bytes
  for (;;) {
    const lineEnd = rest.indexOf('\r\n')
    if (lineEnd < 0) return undefined
    const size = Number.parseInt(rest.subarray(0, lineEnd).toString('latin1'), 16)
    if (size === 0) return parseTrailers(Buffer.concat(parts), rest.subarray(lineEnd + 2))
    if (rest.length < lineEnd + 2 + size + 2) return undefined
    parts.push(rest.subarray(lineEnd + 2, lineEnd + 2 + size))
    rest = rest.subarray(lineEnd + 2 + size + 2)
  }
}

function parseTrailers(body: Buffer, bytes: Buffer): ParsedBody | undefined {
  if (bytes.subarray(0, 2).toString('latin1') === '\r\n') {
    return { body, trailers: '', rest: bytes.subarray(2) }
  }
  const end = bytes.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  return {
    body,
    trailers: bytes.subarray(0, end).toString('latin1'),
    rest: bytes.subarray(end + 4),
  }
}
