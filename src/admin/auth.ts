import { refuse } from './problem-details.ts'

/** RFC 6750 §3. */
const CHALLENGE = { 'www-authenticate': 'Bearer realm="portolan"' }

/** Why a request may not use the admin API; undefined when it may. */
export async function refuseStranger(
  request: Request,
  adminToken: string | undefined,
): Promise<Response | undefined> {
  if (!adminToken) {
    return refuse('admin-off', 'admin API is off: set the secret PORTOLAN_ADMIN_TOKEN')
  }
  const [scheme, token] = (request.headers.get('authorization') ?? '').split(/ +(.*)/, 2)
  if (scheme?.toLowerCase() !== 'bearer' || !token) {
    const detail = 'send the header "Authorization: Bearer <token>"'
    return refuse('unauthorized', detail, { headers: CHALLENGE })
  }
  if (await isSame(token, adminToken)) return undefined
  const headers = { 'www-authenticate': `${CHALLENGE['www-authenticate']}, error="invalid_token"` }
  return refuse('unauthorized', 'the token is not the one that is set', { headers })
}

/** Compares two texts in a time that tells nothing of either: digests have one length, whatever the texts have. */
async function isSame(given: string, expected: string): Promise<boolean> {
  const [left, right] = await Promise.all([given, expected].map(toDigest))
  return left !== undefined && right !== undefined && crypto.subtle.timingSafeEqual(left, right)
}

async function toDigest(text: string): Promise<ArrayBuffer> {
  return crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
}
