import { refuse } from './problem-details.ts'
import type { Parsed } from './query.ts'
import type { AdminDeps } from './resource.ts'
import type { Caller } from './scope.ts'

/** RFC 6750 §3. */
const CHALLENGE = { 'www-authenticate': 'Bearer realm="portolan"' }

/** Who a request comes from, or why it may not use the admin API. */
export async function authenticate(
  request: Request,
  { adminToken }: Pick<AdminDeps, 'adminToken'>,
): Promise<Parsed<Caller>> {
  if (!adminToken) {
    const detail = 'admin API is off: set the secret PORTOLAN_ADMIN_TOKEN'
    return { ok: false, refusal: refuse('admin-off', detail) }
  }
  const [scheme, token] = (request.headers.get('authorization') ?? '').split(/ +(.*)/, 2)
  if (scheme?.toLowerCase() !== 'bearer' || !token) {
    const detail = 'send the header "Authorization: Bearer <token>"'
    return { ok: false, refusal: refuse('unauthorized', detail, { headers: CHALLENGE }) }
  }
  const from = request.headers.get('cf-connecting-ip') ?? ''
  if (await isSame(token, adminToken)) {
    return { ok: true, value: { name: 'root', from, scopes: ['admin'] } }
  }
  const headers = { 'www-authenticate': `${CHALLENGE['www-authenticate']}, error="invalid_token"` }
  const detail = 'the token is not the one that is set'
  return { ok: false, refusal: refuse('unauthorized', detail, { headers }) }
}

/** Compares two texts in a time that tells nothing of either: digests have one length, whatever the texts have. */
async function isSame(given: string, expected: string): Promise<boolean> {
  const [left, right] = await Promise.all([given, expected].map(toDigest))
  return left !== undefined && right !== undefined && crypto.subtle.timingSafeEqual(left, right)
}

async function toDigest(text: string): Promise<ArrayBuffer> {
  return crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
}
