import { matchesParts, parsePath, type Part } from '../../core/match/path.ts'
import { readingsOf } from '../../core/match/normal.ts'
import { compileNames, isNamed, type Names } from '../../core/name-pattern.ts'
import { parameterNameOf } from '../../core/parameter-name.ts'
import type { RouteCache } from '../../schema/cache.ts'
import type { AskedUrl } from './canonical.ts'
import { toCookiePairs } from './cookie-pairs.ts'
import type { CacheRequest } from './message.ts'

/** Why a request goes past the cache: nothing is looked up for it, nothing stored. */
export type BypassReason =
  | 'method'
  | 'body'
  | 'upgrade'
  | 'authorization'
  | 'connection'
  | 'header'
  | 'cookie'
  | 'query'
  | 'path'

/** The rules of a route by which requests go past its cache. */
export interface Bypass {
  /** Under "override" what was asked for with a credential would be stored for all. */
  readonly isPastCredentials: boolean
  readonly headers: readonly string[]
  readonly cookies: Names | undefined
  readonly query: Names | undefined
  readonly paths: readonly (readonly Part[])[]
}

/** Makes the setting of a route ready. */
export function compileBypass({ mode, bypass }: Pick<RouteCache, 'mode' | 'bypass'>): Bypass {
  const { headers, cookies, query, paths } = bypass
  return {
    isPastCredentials: mode === 'override',
    headers,
    cookies: cookies.length === 0 ? undefined : compileNames(cookies),
    query: query.length === 0 ? undefined : compileNames(query),
    paths: paths.map((path) => parsePath(path.toLowerCase()).parts),
  }
}

/**
 * Why a request of a method that is cached goes past all the same; `undefined` for nearly all. A body with a GET has no
 * meaning (RFC 9110 §9.3.1), but some origins give it one, and a handshake is no request for a page.
 */
export function bypassOf(
  rules: Bypass,
  url: AskedUrl,
  request: CacheRequest,
): BypassReason | undefined {
  if (hasBody(request)) return 'body'
  if (request.header('upgrade') !== undefined) return 'upgrade'
  if (rules.isPastCredentials && request.header('authorization') !== undefined) {
    return 'authorization'
  }
  if (rules.headers.some((name) => request.header(name) !== undefined)) return 'header'
  const { cookies, query } = rules
  if (
    cookies &&
    toCookiePairs(request.header('cookie')).some(({ name }) => isNamed(cookies, name))
  ) {
    return 'cookie'
  }
  if (query && url.query.length > 1 && hasParameter(query, url.query)) return 'query'
  return rules.paths.length > 0 && isPast(rules.paths, url.path) ? 'path' : undefined
}

function hasBody(request: CacheRequest): boolean {
  const length = request.header('content-length')
  return (
    (length !== undefined && length !== '0') || request.header('transfer-encoding') !== undefined
  )
}

/** `;` counts as well: some origins part parameters there, and to go past is the safe side. */
function hasParameter(names: Names, query: string): boolean {
  return query
    .slice(1)
    .split(/[&;]/)
    .some((parameter) => parameter !== '' && isNamed(names, parameterNameOf(parameter)))
}

/** Where some origins take a path to end: at a NUL, a line break, or an escaped "?" or "#" that they decode first. */
const EARLY_END = /%(?:[01][0-9a-f]|23|3b|3f)|;/

/** In any reading that an origin may have of the path (see `readingsOf`), whatever its case, and also cut short. */
function isPast(paths: readonly (readonly Part[])[], path: string): boolean {
  const read = path.toLowerCase()
  const end = read.search(EARLY_END)
  return isAmong(paths, read) || (end !== -1 && isAmong(paths, read.slice(0, end)))
}

function isAmong(paths: readonly (readonly Part[])[], path: string): boolean {
  return readingsOf(path).some((segments) =>
    paths.some((parts) => matchesParts(parts, segments, 0)),
  )
}

/** Options of `Connection` that take no field away that an answer could hang on. */
const HARMLESS = /^\s*(?:(?:keep-alive|close|te|upgrade)\s*(?:,\s*|$))*$/i

/**
 * Whether a request takes fields off itself on the way (RFC 9110 §7.6.1). It is keyed with them, and the origin would not
 * see them: an answer to it is nobody else's. Asked on a miss: what is stored already hangs on no such request.
 */
export function nominatesFields(request: CacheRequest): boolean {
  const connection = request.header('connection')
  return connection !== undefined && !HARMLESS.test(connection)
}
