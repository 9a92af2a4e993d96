/** The most bytes of one character-string (RFC 1035 §3.3). */
const MOST_BYTES = 255

const QUOTE = 0x22
const BACKSLASH = 0x5c

/** The UTF-8 bytes of a text; undefined when it holds half a character. */
export function toBytes(text: string): readonly number[] | undefined {
  if (/\p{Surrogate}/u.test(text)) return undefined
  const bytes: number[] = []
  for (const character of encodeURIComponent(text).match(/%..|./g) ?? []) {
    const isEscaped = character.length > 1
    bytes.push(isEscaped ? Number.parseInt(character.slice(1), 16) : character.charCodeAt(0))
  }
  return bytes
}

/** Bytes in pieces that a character-string holds: one at least, though it be empty. */
export function toPieces(bytes: readonly number[]): readonly (readonly number[])[] {
  const pieces = [bytes.slice(0, MOST_BYTES)]
  for (let at = MOST_BYTES; at < bytes.length; at += MOST_BYTES) {
    pieces.push(bytes.slice(at, at + MOST_BYTES))
  }
  return pieces
}

/** One character-string as a zone file quotes it (RFC 1035 §5.1): `\"`, `\\`, and `\DDD` for what is not printable. */
export function quoteBytes(bytes: readonly number[]): string {
  return `"${bytes.map(escapeByte).join('')}"`
}

function escapeByte(byte: number): string {
  if (byte === QUOTE || byte === BACKSLASH) return `\\${String.fromCharCode(byte)}`
  if (byte >= 0x20 && byte < 0x7f) return String.fromCharCode(byte)
  return `\\${String(byte).padStart(3, '0')}`
}

/** Text without its escapes as bytes: `\DDD` is decimal, `\X` is X. Undefined when an escape is none. */
export function unescapeText(text: string): readonly number[] | undefined {
  const bytes: number[] = []
  const parts = text.matchAll(
    /\\(?<octet>\d{3})|\\(?<literal>[^\d])|(?<plain>[^\\]+)|(?<wrong>\\)/gsu,
  )
  for (const { groups = {} } of parts) {
    const { octet, literal, plain, wrong } = groups
    const more = octet === undefined ? toBytes(literal ?? plain ?? '') : [Number(octet)]
    if (wrong !== undefined || more === undefined || Number(octet ?? 0) > 255) return undefined
    bytes.push(...more)
  }
  return bytes
}

const QUOTED = /"(?<inside>(?:[^"\\]|\\.)*)"/gsu
const QUOTED_LIST = /^"(?:[^"\\]|\\.)*"(?:\s+"(?:[^"\\]|\\.)*")*$/su

/** The character-strings of `"one" "two"`, as bytes; undefined when it is anything else. */
export function parseQuoted(text: string): readonly (readonly number[])[] | undefined {
  if (!QUOTED_LIST.test(text)) return undefined
  const strings: (readonly number[])[] = []
  for (const { groups } of text.matchAll(QUOTED)) {
    const bytes = unescapeText(groups?.['inside'] ?? '')
    if (bytes === undefined) return undefined
    strings.push(bytes)
  }
  return strings
}
