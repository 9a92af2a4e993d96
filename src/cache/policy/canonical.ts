import type { CacheKey } from '../../schema/cache-key.ts'
import { compileCounting, type Counting, parameterNameOf } from '../../core/parameter-name.ts'

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
  if (query === 'all') return sortQuery ? sorted : whole
  const pick = picker(compileCounting(query))
  return sortQuery ? (text) => sorted(pick(text)) : pick
}

/** A lone question mark asks for nothing. */
function whole(query: string): string {
  return query === '?' ? '' : query
}

/** What is left out is cut out: most queries have nothing of it, and stay the text that they are. */
function picker(counts: Counting): ToQuery {
  const isPicked = (parameter: string) => parameter !== '' && counts(parameterNameOf(parameter))
  return (query) => {
    let picked = ''
    let from = 1
    while (from <= query.length) {
      const end = endOf(query, from)
      const parameter = query.slice(from, end)
      if (isPicked(parameter)) picked += picked === '' ? `?${parameter}` : `&${parameter}`
      from = end + 1
    }
    return picked.length === query.length ? query : picked
  }
}

/** Stable: of parameters by one name an origin may tell the order. */
function sorted(query: string): string {
  if (isSorted(query)) return whole(query)
  const parameters = query.slice(1).split('&')
  if (parameters.length > MOST_SORTED) return query
  const named = parameters.map((text) => ({ text, name: parameterNameOf(text) }))
  const inOrder = named.toSorted((one, other) =>
    one.name < other.name ? -1 : one.name > other.name ? 1 : 0,
  )
  return `?${inOrder.map(({ text }) => text).join('&')}`
}

function isSorted(query: string): boolean {
  let before = ''
  let from = 1
  while (from <= query.length) {
    const end = endOf(query, from)
    const name = parameterNameOf(query.slice(from, end))
    if (name < before) return false
    before = name
    from = end + 1
  }
  return true
}

function endOf(query: string, from: number): number {
  const end = query.indexOf('&', from)
  return end === -1 ? query.length : end
}
