/** SHA-256 of a text or of bytes, in hexadecimal. */
export async function digest(content: string | Uint8Array): Promise<string> {
  const source = typeof content === 'string' ? new TextEncoder().encode(content) : content
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', source))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** Compares two digests in a time that tells nothing of either. */
export function isSameDigest(left: string, right: string): boolean {
  const [first, second] = [left, right].map((text) => new TextEncoder().encode(text))
  if (first?.byteLength !== second?.byteLength || first === undefined || second === undefined) {
    return false
  }
  return crypto.subtle.timingSafeEqual(first, second)
}
