import type { RouteCache } from '../../schema/cache.ts'
import { hasCookiesBeside } from './cookie-pairs.ts'
import type { CacheRequest } from './message.ts'

/**
 * What a request carries that may make its answer one person's: `Authorization` (RFC 9111 §3.5), or a cookie that is
 * not in the key, which is treated alike. Only "override" takes `Authorization` in the key for enough.
 */
export function credentialOf(
  request: CacheRequest,
  { mode, key }: RouteCache,
): 'authorization' | 'cookie' | undefined {
  const isKeyed = mode === 'override' && key.headers.includes('authorization')
  if (!isKeyed && request.header('authorization') !== undefined) return 'authorization'
  if (key.headers.includes('cookie')) return undefined
  return hasCookiesBeside(request.header('cookie'), key.cookies) ? 'cookie' : undefined
}
