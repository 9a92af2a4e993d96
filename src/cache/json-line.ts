/**
 * The most that one may have: half of what all headers of an answer may have together (128 KB: Workers limits, also of
 * what the Cache API keeps).
 */
export const JSON_LINE_BYTES = 65_536

/** A value as one line of ASCII: it fits in a header, and has as many bytes as characters. */
export function toJsonLine(value: unknown): string {
  const text = JSON.stringify(value)
  return BEYOND_ASCII.test(text) ? text.replace(EACH_BEYOND_ASCII, toEscape) : text
}

/** What a line says; `undefined` for what is no JSON. */
export function parseJsonLine(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Whatever it is, none of ours.
    return undefined
  }
}

const BEYOND_ASCII = /[^\x20-\x7e]/
const EACH_BEYOND_ASCII = /[^\x20-\x7e]/g

/** JSON escapes what is below the space by itself. */
function toEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
