import type { RouteCache } from '../../schema/cache.ts'
import { hasCookiesBeside } from './cookie-pairs.ts'
import type { CacheRequest } from './message.ts'

/**
 * What a request carries that may make its answer one person's: `Authorization` (RFC 9111 §3.5), or a cookie that is
 * not in the key, which is treated much alike.
 */
export function credentialOf(
  request: CacheRequest,
  rules: RouteCache,
): 'authorization' | 'cookie' | undefined {
  if (hasAuthorization(request, rules)) return 'authorization'
  return hasOwnCookie(request, rules) ? 'cookie' : undefined
}

/** Whether a request has `Authorization`. Only "override" takes it in the key for enough. */
export function hasAuthorization(request: CacheRequest, { mode, key }: RouteCache): boolean {
  const isKeyed = mode === 'override' && key.headers.includes('authorization')
  return !isKeyed && request.header('authorization') !== undefined
}

/** Whether a request has a cookie that is not in the key. */
export function hasOwnCookie(request: CacheRequest, { key }: RouteCache): boolean {
  if (key.headers.includes('cookie')) return false
  return hasCookiesBeside(request.header('cookie'), key.cookies)
}
