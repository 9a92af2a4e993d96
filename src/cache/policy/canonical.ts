import type { CacheKey } from '../../schema/cache-key.ts'
import { compileNames, isNamed, type Names } from './name-pattern.ts'
import { remembered } from './remembered.ts'

/** The parts of a request's URL that keys are made from; what the proxy parses has them all. */
export interface AskedUrl {
  readonly scheme: 'http' | 'https'
  /** Host and port as the client sent them. */
  readonly authority: string
  /** Lower case, without port. */
  readonly host: string
  /** Without dot segments: exactly what is sent on. */
  readonly path: string
  /** With its question mark; empty when there is none. */
  readonly query: string
}

/** Makes the query of a request the one that counts: what it leaves out is not told to the origin either. */
export type ToQuery = (query: string) => string

/** More parameters than that stay as they are: nobody sends them in good faith, and to sort them takes milliseconds. */
const MOST_SORTED = 1024

/**
 * The URL that a request is keyed by, and that its origin is asked for. A host is a name in lower case without the
 * dot that may end it, and without a port where the port is the one of its scheme. The path stays as it is, byte for
 * byte: to unify what an origin may tell apart would give one's answer to the other.
 */
export function toCanonicalUrl(
  url: AskedUrl,
  { host, path }: Pick<CacheKey, 'host' | 'path'>,
  toQuery: ToQuery,
): AskedUrl {
  const query = url.query === '' ? '' : toQuery(url.query)
  const isHostClean = url.authority === url.host && !url.host.endsWith('.')
  const isSame = host === 'request' && isHostClean && path === undefined && query === url.query
  if (isSame) return url
  const name = host === 'request' ? withoutDot(url.host) : host
  const authority = host === 'request' ? name + portOf(url) : name
  return { scheme: url.scheme, authority, host: name, path: path ?? url.path, query }
}

function withoutDot(host: string): string {
  return host.length > 1 && host.endsWith('.') ? host.slice(0, -1) : host
}

/** With its colon; empty where it says nothing. */
function portOf({ scheme, authority, host }: AskedUrl): string {
  if (authority.length === host.length) return ''
  const port = Number(authority.slice(host.length + 1))
  return port === (scheme === 'https' ? 443 : 80) ? '' : `:${port}`
}

/** Makes the setting of a route ready. */
export function compileQuery({ query, sortQuery }: Pick<CacheKey, 'query' | 'sortQuery'>): ToQuery {
  if (query === 'none') return () => ''
  if (query === 'all') return sortQuery ? remembered(sorted) : whole
  const [names, isKept] =
    'include' in query
      ? ([compileNames(query.include), true] as const)
      : ([compileNames(query.exclude), false] as const)
  const pick = picker(names, isKept)
  return remembered(sortQuery ? (text) => sorted(pick(text)) : pick)
}

/** A lone question mark asks for nothing. */
function whole(query: string): string {
  return query === '?' ? '' : query
}

function picker(names: Names, isKept: boolean): ToQuery {
  return (query) => {
    const picked = query
      .slice(1)
      .split('&')
      .filter((parameter) => parameter !== '' && isNamed(names, nameOf(parameter)) === isKept)
    return picked.length === 0 ? '' : `?${picked.join('&')}`
  }
}

/** Stable: of parameters by one name an origin may tell the order. */
function sorted(query: string): string {
  if (!query.includes('&')) return whole(query)
  const parameters = query.slice(1).split('&')
  if (parameters.length > MOST_SORTED) return query
  const named = parameters.map((text) => ({ text, name: nameOf(text) }))
  if (named.every(({ name }, at) => at === 0 || (named[at - 1]?.name ?? '') <= name)) return query
  const inOrder = named.toSorted((one, other) =>
    one.name < other.name ? -1 : one.name > other.name ? 1 : 0,
  )
  return `?${inOrder.map(({ text }) => text).join('&')}`
}

/**
 * The name of a parameter as an origin reads it; the parameter itself stays as it was sent. `;` separates nothing: what
 * an origin makes of it stands in the key with all else.
 */
export function nameOf(parameter: string): string {
  const equals = parameter.indexOf('=')
  const name = equals === -1 ? parameter : parameter.slice(0, equals)
  return /[%+]/.test(name) ? decode(name) : name
}

function decode(name: string): string {
  try {
    return decodeURIComponent(name.replaceAll('+', ' '))
  } catch {
    // Not UTF-8: it can only be meant as it stands.
    return name
  }
}
