/** The parts of a request's URL, as they are matched and sent on. */
export interface RequestUrl {
  readonly scheme: 'http' | 'https'
  /** Host and port as the client sent them. */
  readonly authority: string
  /** Lower case, without port. */
  readonly host: string
  /** Without dot segments: exactly what a `fetch` to an origin sends. */
  readonly path: string
  /** With its question mark; empty when there is none. */
  readonly query: string
}

/** The parts of a URL, or what is wrong with it in a sentence. */
export type ParsedUrl =
  | { readonly ok: true; readonly url: RequestUrl }
  | { readonly ok: false; readonly detail: string }

/** A name, or a name or bracketed IPv6 address with perhaps a port (RFC 9110 §7.2). */
const NAME = /^[a-z0-9._-]+$/i
const AUTHORITY = /^(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::(\d{1,5}))?$/i

/** Nothing that a URL parser would change: no character out of place, no dot segment. */
const CLEAN = /^(?:[\w~!$&'()*+,;=:@?-]|\/(?!\.)|\.|%(?!2e))*$/i

/**
 * A dot segment that only shows to an origin which takes `%2F` or `%5C` for a slash, or cuts segments at `;`.
 * Origins differ on where it leads, so no route can be sure of it, and nobody sends one in good faith.
 */
const HIDDEN_DOTS = /(?:\/|%2f|%5c)(?:\.|%2e){1,2}(?:[/;]|%2f|%5c|$)/i

const NO_AUTHORITY: ParsedUrl = { ok: false, detail: 'The Host of the request is not one.' }
const NO_PATH: ParsedUrl = { ok: false, detail: 'The target of the request is not a path.' }
const NO_CLEAR_PATH: ParsedUrl = { ok: false, detail: 'The path of the request is ambiguous.' }

/**
 * Takes the URL of a request apart. The runtime hands it over as the client wrote it, but cleans what it
 * sends: a path must be looked at in the form in which it goes on, or `/a/../admin` walks around a guard.
 */
export function parseRequestUrl(url: string, headers: Headers): ParsedUrl {
  const scheme = url.startsWith('https:') ? 'https' : 'http'
  const authorityAt = scheme.length + 3
  const pathAt = url.indexOf('/', authorityAt)
  if (pathAt === -1) return NO_PATH
  const authority = url.slice(authorityAt, pathAt)
  // A Host with a slash in it would have moved into the path; the two differ in an absolute target as well.
  const host = headers.get('host')
  const isHost = host === null || host === authority || isAuthority(host)
  if (!isHost || !isAuthority(authority)) return NO_AUTHORITY
  const { path, query } = toTarget(url.slice(pathAt))
  if (HIDDEN_DOTS.test(path)) return NO_CLEAR_PATH
  return { ok: true, url: { scheme, authority, host: toHost(authority), path, query } }
}

/** `OPTIONS *` asks about the server as a whole (RFC 9110 §9.3.7); the runtime writes it as `http://host*`. */
export function isAboutServer({ method, url }: Request): boolean {
  return method === 'OPTIONS' && url.endsWith('*') && !url.includes('/', 'https://'.length)
}

function isAuthority(text: string): boolean {
  if (NAME.test(text)) return true
  const found = AUTHORITY.exec(text)
  return found !== null && Number(found[1] ?? 0) <= 65_535
}

function toTarget(written: string): Pick<RequestUrl, 'path' | 'query'> {
  if (!CLEAN.test(written)) {
    const { pathname, search } = new URL(`http://host${written}`)
    return { path: pathname, query: search }
  }
  const queryAt = written.indexOf('?')
  if (queryAt === -1) return { path: written, query: '' }
  return { path: written.slice(0, queryAt), query: written.slice(queryAt) }
}

function toHost(authority: string): string {
  const colon = authority.lastIndexOf(':')
  // The colons of an IPv6 address stand inside its brackets.
  const hasPort = colon > authority.lastIndexOf(']')
  return (hasPort ? authority.slice(0, colon) : authority).toLowerCase()
}
