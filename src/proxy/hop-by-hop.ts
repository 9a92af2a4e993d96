/**
 * Fields that speak of one connection and never pass a proxy (RFC 9110 §7.6.1), as far as the runtime lets
 * them through: it drops Connection, Keep-Alive, TE, Trailer, Transfer-Encoding and Upgrade from what is
 * sent by itself (workerd 1.20261023.1). `Expect` is answered on this side; together with the body that it
 * waited for it would only confuse.
 */
const HOP_BY_HOP = ['expect', 'proxy-authorization', 'proxy-connection'] as const

/** What an answer may still say of one connection when the runtime has removed what it knows (workerd 1.20261023.1). */
const LEFT_IN_ANSWERS = ['proxy-authenticate', 'proxy-authentication-info', 'proxy-connection']

/**
 * What a connection option may not take away: the message would change its meaning or its frame. `Upgrade`
 * is left to the runtime, which lets it through for a WebSocket and for nothing else.
 */
const NEVER_NOMINATED: ReadonlySet<string> = new Set([
  'content-length',
  'content-type',
  'host',
  'upgrade',
])

/** Options that say how the connection goes on, and nominate no field that could still be there. */
const PLAIN_OPTIONS = /^(keep-alive|close|upgrade)$/i

const TOKEN = /^[!#$%&'*+.^_`|~0-9a-z-]+$/

/** Removes from a request what is about the client's connection, and what `Connection` nominates. */
export function removeHopByHop(headers: Headers, method: string): void {
  const options = headers.get('connection')
  if (options !== null) removeNominated(headers, options)
  // A handshake is a GET (RFC 6455 §4.1). Of any other method the runtime would make one, and drop its body.
  if (method !== 'GET') headers.delete('upgrade')
  for (const name of HOP_BY_HOP) headers.delete(name)
}

/**
 * Whether an answer has fields of the origin's connection that the runtime would pass on. A challenge of a
 * proxy comes with the status for it.
 */
export function hasHopByHop(headers: Headers, status: number): boolean {
  if (status === 407 || headers.has('proxy-connection')) return true
  const options = headers.get('connection')
  return options !== null && !PLAIN_OPTIONS.test(options)
}

/** Removes from an answer what is about the origin's connection; the runtime sees to its frame. */
export function removeAnswerHopByHop(headers: Headers): void {
  const options = headers.get('connection')
  if (options !== null) removeNominated(headers, options)
  for (const name of LEFT_IN_ANSWERS) headers.delete(name)
}

function removeNominated(headers: Headers, options: string): void {
  for (const option of options.split(',')) {
    const name = option.trim().toLowerCase()
    if (TOKEN.test(name) && !NEVER_NOMINATED.has(name)) headers.delete(name)
  }
}
