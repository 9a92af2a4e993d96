import type { Snapshot } from '../core/snapshot.ts'
import type { ClientFacts, RequestFacts } from '../schema/facts.ts'
import type { RequestUrl } from './request-url.ts'

/** What comes with a request besides its text. */
export interface FactSources {
  readonly method: string
  readonly url: RequestUrl
  readonly client: ClientFacts
  readonly nowMs: number
  readonly random: number
}

/** The facts of a request: only what the snapshot asks for is read from it. */
export function toFacts(
  headers: Headers,
  { needs }: Snapshot,
  { method, url, client, nowMs, random }: FactSources,
): RequestFacts {
  return {
    method,
    scheme: url.scheme,
    host: url.host,
    path: url.path,
    headers: needs.headers.length === 0 ? {} : readHeaders(headers, needs.headers),
    cookies: needs.cookies.length === 0 ? {} : readCookies(headers, needs.cookies),
    query: needs.query.length === 0 ? {} : readQuery(url.query, needs.query),
    client,
    nowMs,
    random,
  }
}

function readHeaders(headers: Headers, names: readonly string[]): Record<string, string> {
  const read: Record<string, string> = {}
  for (const name of names) {
    const value = headers.get(name)
    if (value !== null) read[name] = value
  }
  return read
}

/**
 * The first cookie of a name counts: it is the one with the longest path (RFC 6265 §5.4). The runtime joins
 * several `Cookie` lines with ", ", which no cookie value can contain.
 */
function readCookies(headers: Headers, names: readonly string[]): Record<string, string> {
  const read: Record<string, string> = {}
  for (const pair of (headers.get('cookie') ?? '').split(/;|, /)) {
    const equals = pair.indexOf('=')
    if (equals === -1) continue
    const name = pair.slice(0, equals).trim()
    if (!names.includes(name) || Object.hasOwn(read, name)) continue
    read[name] = unquote(pair.slice(equals + 1).trim())
  }
  return read
}

function unquote(value: string): string {
  const isQuoted = value.length >= 2 && value.startsWith('"') && value.endsWith('"')
  return isQuoted ? value.slice(1, -1) : value
}

function readQuery(query: string, names: readonly string[]): Record<string, string> {
  const read: Record<string, string> = {}
  const parameters = new URLSearchParams(query)
  for (const name of names) {
    const value = parameters.get(name)
    if (value !== null) read[name] = value
  }
  return read
}
