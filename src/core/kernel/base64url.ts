const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** Each letter's six bits by its character code; -1 for what is no letter. */
const BITS: readonly number[] = Array.from({ length: 128 }, (_, code) =>
  LETTERS.indexOf(String.fromCharCode(code)),
)

/** Bytes as base64url without padding (RFC 4648 §5). Here since the pure layers have no `btoa`. */
export function toBase64url(bytes: Uint8Array): string {
  let text = ''
  let bits = 0
  let held = 0
  for (const byte of bytes) {
    bits = (bits << 8) | byte
    held += 8
    while (held >= 6) {
      held -= 6
      text += LETTERS.charAt((bits >>> held) & 63)
    }
    bits &= (1 << held) - 1
  }
  return held === 0 ? text : text + LETTERS.charAt((bits << (6 - held)) & 63)
}

/** The bytes of a text that `toBase64url` wrote; undefined for any other text. */
export function fromBase64url(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(Math.floor((text.length * 6) / 8))
  let bits = 0
  let held = 0
  let at = 0
  for (let index = 0; index < text.length; index += 1) {
    const six = BITS[text.charCodeAt(index)] ?? -1
    if (six === -1) return undefined
    bits = (bits << 6) | six
    held += 6
    if (held < 8) continue
    held -= 8
    bytes[at] = bits >>> held
    at += 1
    bits &= (1 << held) - 1
  }
  // One text for each value: no letter too many, and no bit that says nothing.
  return held < 6 && bits === 0 ? bytes : undefined
}
