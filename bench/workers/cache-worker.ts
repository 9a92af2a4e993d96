/**
 * Stands in for the cache behind workerd's Cache API: `GET` looks up, `PUT` stores a response as it would stand on the
 * wire, `PURGE` removes. Kept in memory for the seconds that its Cache-Control allows.
 */

interface Stored {
  readonly status: number
  readonly headers: readonly (readonly [string, string])[]
  readonly body: Uint8Array
  readonly untilMs: number
}

const stored = new Map<string, Stored>()

/** So much that what is asked for again and again stays. */
const MOST = 20_000

export default {
  async fetch(request: Request): Promise<Response> {
    const { url, method } = request
    if (method === 'PUT') return put(url, new Uint8Array(await request.arrayBuffer()))
    if (method === 'PURGE') return new Response(null, { status: stored.delete(url) ? 200 : 404 })
    const hit = stored.get(url)
    if (!hit || hit.untilMs <= Date.now()) {
      return new Response(null, { status: 504, headers: { 'cf-cache-status': 'MISS' } })
    }
    const headers = new Headers(hit.headers.map(([name, value]): [string, string] => [name, value]))
    headers.set('cf-cache-status', 'HIT')
    return new Response(hit.body.slice(), { status: hit.status, headers })
  },
}

function put(url: string, wire: Uint8Array): Response {
  const end = endOfHead(wire)
  const [statusLine = '', ...lines] = new TextDecoder().decode(wire.subarray(0, end)).split('\r\n')
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()]
  })
  const maxAge = headers
    .map(([name, value]) => name === 'cache-control' && /max-age=(\d+)/.exec(value)?.[1])
    .find((seconds) => typeof seconds === 'string')
  // A body in chunks would have to be put together; without its length it is not stored, which a cache may always do.
  if (typeof maxAge === 'string' && headers.some(([name]) => name === 'content-length')) {
    stored.set(url, {
      status: Number(statusLine.split(' ')[1]),
      headers,
      body: wire.slice(end + 4),
      untilMs: Date.now() + Number(maxAge) * 1000,
    })
  }
  for (const oldest of stored.keys()) {
    if (stored.size <= MOST) break
    stored.delete(oldest)
  }
  return new Response(null, { status: 204 })
}

function endOfHead(wire: Uint8Array): number {
  for (let at = 0; at + 3 < wire.length; at++) {
    if (wire[at] === 13 && wire[at + 1] === 10 && wire[at + 2] === 13 && wire[at + 3] === 10) {
      return at
    }
  }
  return wire.length
}
