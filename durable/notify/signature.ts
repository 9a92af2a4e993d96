/** The header that a signed webhook carries. */
export const SIGNATURE_HEADER = 'portolan-signature'

/**
 * The signature of a webhook: `t=<seconds>,v1=<hex>`, HMAC-SHA256 (RFC 2104) over `<seconds>.<body>`. The time
 * is part of it, so that an old message cannot be sent again. docs/notifications.md shows how to verify it.
 */
export async function sign(body: string, secret: string, nowMs: number): Promise<string> {
  const seconds = Math.floor(nowMs / 1000)
  const encoder = new TextEncoder()
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  const key = await crypto.subtle.importKey('raw', encoder.encode(secret), algorithm, false, [
    'sign',
  ])
  const signed = await crypto.subtle.sign('HMAC', key, encoder.encode(`${seconds}.${body}`))
  const hex = [...new Uint8Array(signed)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  return `t=${seconds},v1=${hex}`
}
