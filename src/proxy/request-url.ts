/** The parts of a request's URL. The runtime has parsed it before: slicing is enough, and cheaper. */
export interface RequestUrl {
  readonly scheme: 'http' | 'https'
  /** Host and port as the client sent them. */
  readonly authority: string
  /** Lower case, without port. */
  readonly host: string
  readonly path: string
  /** With its question mark; empty when there is none. */
  readonly query: string
}

/** Takes the URL of a request apart. */
export function toRequestUrl(url: string): RequestUrl {
  const scheme = url.startsWith('https:') ? 'https' : 'http'
  const authorityAt = scheme.length + 3
  const pathAt = url.indexOf('/', authorityAt)
  if (pathAt === -1) return toWholeServer(scheme, url.slice(authorityAt))
  const authority = url.slice(authorityAt, pathAt)
  const queryAt = url.indexOf('?', pathAt)
  return {
    scheme,
    authority,
    host: toHost(authority),
    path: queryAt === -1 ? url.slice(pathAt) : url.slice(pathAt, queryAt),
    query: queryAt === -1 ? '' : url.slice(queryAt),
  }
}

/** `OPTIONS *` asks about the server as a whole; the runtime writes it as `http://host*`, and can send only a path. */
function toWholeServer(scheme: RequestUrl['scheme'], rest: string): RequestUrl {
  const authority = rest.endsWith('*') ? rest.slice(0, -1) : rest
  return { scheme, authority, host: toHost(authority), path: '/', query: '' }
}

function toHost(authority: string): string {
  const colon = authority.lastIndexOf(':')
  // The colons of an IPv6 address stand inside its brackets.
  const hasPort = colon > authority.lastIndexOf(']')
  return (hasPort ? authority.slice(0, colon) : authority).toLowerCase()
}
