/**
 * Fields that speak of one connection and never pass a proxy (RFC 9110 §7.6.1). `expect` is answered on
 * this side: the runtime would take an origin's 100 for its final answer.
 */
const HOP_BY_HOP = [
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'connection',
] as const

/** What a connection option may not take away: the message would change its meaning or its frame. */
const NEVER_NOMINATED: ReadonlySet<string> = new Set(['content-length', 'content-type', 'host'])

/** Removes the fields of one connection, and those that `Connection` nominates. */
export function removeHopByHop(headers: Headers): void {
  const nominated = headers.get('connection')
  if (nominated !== null) removeNominated(headers, nominated)
  for (const name of HOP_BY_HOP) headers.delete(name)
}

/** Whether any of them is there. A `Connection` that only says how the connection goes on nominates nothing. */
export function hasHopByHop(headers: Headers): boolean {
  return HOP_BY_HOP.some((name) => headers.has(name))
}

function removeNominated(headers: Headers, nominated: string): void {
  for (const option of nominated.split(',')) {
    const name = option.trim().toLowerCase()
    if (TOKEN.test(name) && !NEVER_NOMINATED.has(name)) headers.delete(name)
  }
}

const TOKEN = /^[!#$%&'*+.^_`|~0-9a-z-]+$/
