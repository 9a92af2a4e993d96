/**
 * The pause that an answer asks for, in milliseconds: seconds or an HTTP date (RFC 9110 §10.2.3). 0 when it
 * asks for none, or for one that cannot be read.
 */
export function parseRetryAfter(value: string | null, nowMs: number): number {
  if (value === null) return 0
  const text = value.trim()
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000
  const atMs = Date.parse(text)
  return Number.isNaN(atMs) ? 0 : Math.max(0, atMs - nowMs)
}
