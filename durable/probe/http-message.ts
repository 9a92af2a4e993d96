/** The head of an HTTP/1.1 answer, as far as a probe wants to know it. */
export interface Head {
  readonly status: number
  /** Where the body ends: after so many bytes, with the last chunk, or with the connection (RFC 9112 §6.3). */
  readonly framing: number | 'chunked' | 'close'
  /** Where it begins. */
  readonly bodyAt: number
}

/** How long a head may be. */
const MOST_HEAD_BYTES = 32_768

const BLANK_LINE = [13, 10, 13, 10]
const LINE_END = [13, 10]

/** Reads the head of the final answer; interim ones are skipped. `more` while it is not all there. */
export function parseHead(bytes: Uint8Array): Head | 'more' | 'broken' {
  for (let from = 0; ;) {
    const end = find(bytes, BLANK_LINE, from)
    if (end === -1) return bytes.byteLength - from > MOST_HEAD_BYTES ? 'broken' : 'more'
    const [statusLine = '', ...fields] = toText(bytes.subarray(from, end)).split('\r\n')
    const digits = /^HTTP\/1\.[01] ([1-9]\d\d)(?: |$)/.exec(statusLine)?.[1]
    if (digits === undefined) return 'broken'
    const status = Number(digits)
    from = end + BLANK_LINE.length
    if (status >= 200 || status === 101) return { status, framing: toFraming(fields), bodyAt: from }
  }
}

function toFraming(fields: readonly string[]): Head['framing'] {
  if (/\bchunked$/i.test(fieldOf(fields, 'transfer-encoding') ?? '')) return 'chunked'
  const length = fieldOf(fields, 'content-length')
  return length !== undefined && /^\d{1,15}$/.test(length) ? Number(length) : 'close'
}

function fieldOf(fields: readonly string[], name: string): string | undefined {
  const found = fields.find((field) => field.toLowerCase().startsWith(`${name}:`))
  return found?.slice(name.length + 1).trim()
}

/** What of a body has come, and whether that is all of it, as far as the framing says. */
export function parseBody(
  { framing, bodyAt }: Head,
  bytes: Uint8Array,
): { readonly chunks: readonly Uint8Array[]; readonly isComplete: boolean } {
  const come = bytes.subarray(bodyAt)
  if (framing === 'chunked') return unchunk(come)
  if (framing === 'close') return { chunks: [come], isComplete: false }
  return { chunks: [come.subarray(0, framing)], isComplete: come.byteLength >= framing }
}

/** RFC 9112 §7.1. A size that cannot be read never completes: the answer is then cut off. */
function unchunk(bytes: Uint8Array): ReturnType<typeof parseBody> {
  const chunks: Uint8Array[] = []
  for (let at = 0; ;) {
    const lineEnd = find(bytes, LINE_END, at)
    const size = lineEnd === -1 ? Number.NaN : toSize(bytes.subarray(at, lineEnd))
    if (Number.isNaN(size)) return { chunks, isComplete: false }
    if (size === 0) return { chunks, isComplete: true }
    const begin = lineEnd + LINE_END.length
    chunks.push(bytes.subarray(begin, begin + size))
    at = begin + size + LINE_END.length
  }
}

function toSize(line: Uint8Array): number {
  const digits = /^([0-9a-f]{1,8})\s*(?:;|$)/i.exec(toText(line))?.[1]
  return digits === undefined ? Number.NaN : Number.parseInt(digits, 16)
}

function find(bytes: Uint8Array, wanted: readonly number[], from: number): number {
  for (let at = from; at <= bytes.byteLength - wanted.length; at += 1) {
    if (wanted.every((byte, offset) => bytes[at + offset] === byte)) return at
  }
  return -1
}

/** A head is Latin-1 as far as it is anything (RFC 9110 §5.5). */
function toText(bytes: Uint8Array): string {
  return new TextDecoder('latin1').decode(bytes)
}
