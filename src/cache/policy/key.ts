import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import type { RouteCache } from '../../schema/cache.ts'
import type { Route } from '../../schema/route.ts'
import { type Bypass, type BypassReason, bypassOf, compileBypass } from './bypass.ts'
import { type AskedUrl, compileQuery, toCanonicalUrl, type ToQuery } from './canonical.ts'
import { toCookiePairs } from './cookie-pairs.ts'
import { toDevice } from './device.ts'
import { isUnsafe } from './invalidation.ts'
import type { CacheRequest } from './message.ts'

/** What the keys of a route are made of, made ready once. */
export interface Keying {
  readonly mode: RouteCache['mode']
  /** Begins every key: which route and which parts, so that other settings make other keys. */
  readonly prefix: string
  readonly key: RouteCache['key']
  readonly toQuery: ToQuery
  readonly bypass: Bypass
  /** Where its matches rewrite paths differently: what the origin is asked for hangs on which it was. */
  readonly isByMatch: boolean
}

/** A request of a route with a cache, as it arrived. */
export interface Arrived extends CacheRequest {
  readonly url: AskedUrl
  /** Which match of the route it was. */
  readonly match: number
  readonly country: string | undefined
}

/** What a request asks of the cache. */
export type Asked = Looked | Past | Unsafe

/** It may be answered from the cache. Its origin is asked for `url` and told what is in the key. */
export interface Looked {
  readonly type: 'look'
  /** All that answers may hang on, as text: equal only for requests that an origin cannot tell apart. */
  readonly key: string
  readonly url: AskedUrl
}

/** It goes past the cache, as it came. */
export interface Past {
  readonly type: 'bypass'
  readonly why: BypassReason
}

/** It may change what is stored under this URL (RFC 9111 §4.4), and goes to the origin as it came. */
export interface Unsafe {
  readonly type: 'unsafe'
  readonly url: AskedUrl
}

/** Makes the key of a route ready; `undefined` where it has no cache. */
export function compileKeying(id: string, route: Route): Keying | undefined {
  const { cache } = route
  if (cache === undefined || cache.mode === 'off') return undefined
  const { key, mode } = cache
  const parts = [
    ...key.headers.map((name) => `header:${name}`),
    ...key.cookies.map((name) => `cookie:${name}`),
    ...(key.country ? ['country'] : []),
    ...(key.device ? ['device'] : []),
  ]
  const isByMatch = route.match.length > 1 && isReplacingPrefix(route)
  if (isByMatch) parts.push('match')
  return {
    mode,
    prefix: [id, ...parts].join(' '),
    key,
    toQuery: compileQuery(key),
    bypass: compileBypass(cache),
    isByMatch,
  }
}

function isReplacingPrefix({ rewrite }: Route): boolean {
  return rewrite?.path !== undefined && 'replacePrefix' in rewrite.path
}

/** Whether a request may be answered from the cache, and by which key. Reads what it must and nothing else. */
export function toAsked(keying: Keying, arrived: Arrived): Asked {
  const { method } = arrived
  const isCached = method === 'GET' || method === 'HEAD'
  if (!isCached && !isUnsafe(method)) return { type: 'bypass', why: 'method' }
  const url = toCanonicalUrl(arrived.url, keying.key, keying.toQuery)
  if (!isCached) return { type: 'unsafe', url }
  const why = bypassOf(keying.bypass, arrived.url, arrived)
  if (why !== undefined) return { type: 'bypass', why }
  return { type: 'look', key: toKey(keying, url, arrived), url }
}

/**
 * The key as text. One text says one key: neither the prefix nor a URL has a line break, and what may be any text
 * stands behind its length.
 */
function toKey(keying: Keying, url: AskedUrl, arrived: Arrived): string {
  const { prefix, key, isByMatch } = keying
  let text = `${prefix}\n${url.scheme}://${url.authority}${url.path}${url.query}`
  for (const name of key.headers) text += toPart(arrived.header(name))
  if (key.cookies.length > 0) text += toCookieParts(key.cookies, arrived.header('cookie'))
  if (key.country) text += toPart(arrived.country)
  if (key.device) text += toPart(toDevice(arrived.header('user-agent')))
  return isByMatch ? text + toPart(String(arrived.match)) : text
}

/** Nothing is another value than an empty one. */
function toPart(value: string | undefined): string {
  return value === undefined ? '\n-' : `\n${value.length}:${value}`
}

/** All cookies of a name, not the first alone: an origin may take another. */
function toCookieParts(names: readonly string[], header: string | undefined): string {
  const isThere = header !== undefined && names.some((name) => header.includes(name))
  const pairs = isThere ? toCookiePairs(header) : []
  return names
    .map((wanted) => {
      const texts = pairs.flatMap(({ name, text }) => (name === wanted ? [text] : []))
      return toPart(texts.length === 0 ? undefined : texts.join('; '))
    })
    .join('')
}

/** The name under which tiers keep a key: its digest, as no tier takes any text of any length. */
export function nameOfKey(key: string): string {
  return bytesToHex(sha256(utf8ToBytes(key)))
}
