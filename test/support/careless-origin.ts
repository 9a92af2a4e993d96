import type { OriginExchange } from './origin.ts'

/** Longer than what many origins take as one header (Apache: 8190 bytes). */
const OVERSIZE = 8000

/**
 * An origin as attackers of caches look for: it tells everybody what it was told, all in one answer that it calls public
 * whatever it is about. By path it is careless in other ways as well.
 */
export function answerCarelessly(exchange: OriginExchange): void {
  const { request, response, received } = exchange
  const { pathname } = new URL(request.url ?? '', 'http://origin.test')
  response.setHeader('content-type', 'text/html')
  response.setHeader('cache-control', 'public, max-age=60')
  for (const [prefix, act] of Object.entries(WAYS)) if (pathname.startsWith(prefix)) act(exchange)
  if (isBad(exchange)) response.statusCode = 400
  const told = { method: request.method, target: request.url, headers: request.headers }
  request.on('end', () => response.end(JSON.stringify({ told, body: received.bodyText })))
  request.resume()
}

/** Headers as some origins refuse them: too long, with a meta character, or with another method. */
function isBad({ request: { headers } }: OriginExchange): boolean {
  const lengths = Object.values(headers).map((value) => String(value).length)
  return Math.max(...lengths) > OVERSIZE || headers['x-meta'] !== undefined
}

const WAYS: Readonly<Record<string, (exchange: OriginExchange) => void>> = {
  '/quiet': ({ response }) => response.setHeader('cache-control', 'max-age=60'),
  '/silent': ({ response }) => response.removeHeader('cache-control'),
  '/cookie': ({ response }) => response.setHeader('set-cookie', 'sid=secret'),
  '/broken': ({ request, response }) => {
    if (request.headers['accept-language'] === 'x') response.statusCode = 500
  },
  '/star': ({ response }) => response.setHeader('vary', '*'),
  '/vary': ({ response }) => response.setHeader('vary', 'Accept-Encoding'),
  '/many': ({ response }) => {
    response.setHeader('vary', Array.from({ length: 40 }, (_, at) => `x-${at}`).join(', '))
  },
  '/cors': ({ request, response }) => {
    response.setHeader('access-control-allow-origin', request.headers.origin ?? 'null')
  },
  '/encoded': ({ response }) => response.setHeader('content-encoding', 'gzip'),
  '/part': ({ request, response }) => {
    if (request.headers.range === undefined) return
    response.statusCode = 206
    response.setHeader('content-range', 'bytes 0-0/2')
  },
  '/asked': ({ request, response }) => {
    if (request.headers['if-none-match'] !== undefined) response.statusCode = 304
  },
}
