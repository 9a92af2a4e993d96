import { valueOf } from './fields.ts'
import type { CacheResponse } from './message.ts'

/** Methods that change nothing at the origin (RFC 9110 §9.2.1 and the registry of methods). */
const SAFE = new Set([
  'GET',
  'HEAD',
  'OPTIONS',
  'TRACE',
  'PROPFIND',
  'REPORT',
  'SEARCH',
  'QUERY',
  'PRI',
])

/** Whether a method may change something at the origin: also one that nobody knows (RFC 9111 §4.4). */
export function isUnsafe(method: string): boolean {
  return !SAFE.has(method)
}

/**
 * What an answer to a request makes void beside the URI of the request itself (RFC 9111 §4.4); `undefined`: nothing at
 * all, because the method is safe or the answer an error. The references are resolved against that URI; those that lead
 * to another scheme, host or port must be left alone: they would let one host empty the cache of another.
 */
export function invalidatedReferences(
  method: string,
  { status, fields }: CacheResponse,
): readonly string[] | undefined {
  if (!isUnsafe(method) || status < 200 || status >= 400) return undefined
  return ['location', 'content-location'].flatMap((name) => valueOf(fields, name) ?? [])
}
