import { waitUntil } from 'cloudflare:workers'
import { describeAddress } from '../core/kernel/address.ts'
import { digest, isSameDigest } from './digest.ts'
import { refuse, refuseCall } from './problem-details.ts'
import type { Parsed } from './query.ts'
import type { AdminDeps } from './resource.ts'
import type { Caller } from './scope.ts'
import type { TokenRegister } from './token-register.ts'
import { readTokenId } from './token-text.ts'

/** RFC 6750 §3. */
const CHALLENGE = 'Bearer realm="portolan"'

/** The period of the limit in wrangler.toml. */
const RETRY_AFTER = '60'

/** As long as the audit log takes it. */
const LONGEST_ADDRESS = 64

/** What it takes to know who calls. */
export interface AuthDeps extends Pick<AdminDeps, 'adminToken' | 'failures'> {
  readonly tokens: TokenRegister
}

/**
 * Who a request comes from, or why it may not use the admin API. Attempts that fail are counted by the client's
 * address (an IPv6 one by its /64) and refused with 429 when there are too many; a right token is never refused
 * for the failures of others, since nothing is counted before it is looked at.
 */
export async function authenticate(request: Request, deps: AuthDeps): Promise<Parsed<Caller>> {
  if (!deps.adminToken) {
    return no(refuse('admin-off', 'admin API is off: set the secret PORTOLAN_ADMIN_TOKEN'))
  }
  const [scheme, token] = (request.headers.get('authorization') ?? '').split(/ +(.*)/, 2)
  if (scheme?.toLowerCase() !== 'bearer' || !token) {
    const detail = 'send the header "Authorization: Bearer <token>"'
    const headers = { 'www-authenticate': CHALLENGE }
    return no(refuse('unauthorized', detail, { headers }))
  }
  // Set by the platform and 45 characters at most; on a laptop anyone may write anything there.
  const from = (request.headers.get('cf-connecting-ip') ?? '').slice(0, LONGEST_ADDRESS)
  const given = await digest(token)
  if (isSameDigest(given, await digest(deps.adminToken))) {
    return { ok: true, value: { name: 'root', from, scopes: ['admin'] } }
  }
  const id = readTokenId(token)
  // What has not the form of a token is none, and nobody is asked about it.
  if (id === undefined) return no(await refuseToken(from, 'the token is not valid', deps))
  const called = await deps.tokens.find(id)
  if (!called.ok) return no(refuseCall(called.error))
  const record = called.value
  if (record === undefined || !isSameDigest(given, record.digest)) {
    return no(await refuseToken(from, 'the token is not valid, or it was revoked', deps))
  }
  const { name, scopes, expiresAtMs = Infinity } = record
  if (Date.now() >= expiresAtMs) return no(await refuseToken(from, 'the token has expired', deps))
  waitUntil(deps.tokens.touch(record))
  return { ok: true, value: { name, from, scopes } }
}

function no(refusal: Response): { readonly ok: false; readonly refusal: Response } {
  return { ok: false, refusal }
}

async function refuseToken(
  from: string,
  detail: string,
  { failures }: AuthDeps,
): Promise<Response> {
  const { success } = await failures.limit({ key: describeAddress(from) })
  if (!success) {
    const headers = { 'retry-after': RETRY_AFTER }
    const detail429 =
      'wait a minute, and check the token: too many wrong ones came from this address'
    return refuse('too-many-failures', detail429, { headers })
  }
  const headers = { 'www-authenticate': `${CHALLENGE}, error="invalid_token"` }
  return refuse('unauthorized', detail, { headers })
}
