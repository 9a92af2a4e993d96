/** Bytes as base64 with padding (RFC 4648 §4). */
export function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
}

/** The bytes of base64, white space in it allowed; undefined when it is none. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  const digits = text.replace(/\s/g, '')
  const isOne = /^[A-Za-z0-9+/]*={0,2}$/.test(digits) && digits.length % 4 === 0
  return isOne ? Uint8Array.from(atob(digits), (digit) => digit.charCodeAt(0)) : undefined
}
