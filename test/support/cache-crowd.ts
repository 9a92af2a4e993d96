import * as fc from 'fast-check'
import type { HeaderLines } from './client.ts'
import type { OriginExchange } from './origin.ts'
import type { RouteParts } from './stage.ts'

/** Routes that a crowd goes to: by what they store, and where. */
export const CROWDED: Readonly<Record<string, RouteParts>> = {
  'standard.test': {
    cache: { ttl: { default: '30s' }, stale: { whileRevalidate: '10s', ifError: '10s' } },
  },
  'override.test': {
    cache: { mode: 'override', ttl: { default: '30s', statuses: { '4xx': '5s' } } },
  },
  'keyed.test': {
    cache: { key: { cookies: ['theme'], headers: ['x-tenant'], query: { exclude: ['utm_*'] } } },
  },
  'strip.test': { cache: { setCookie: 'strip', compress: true } },
  'colo.test': { cache: { tiers: { memory: false, kv: false } } },
  'kv.test': { cache: { tiers: { memory: false, colo: false } } },
  'shield.test': { cache: { tiers: { shield: true } } },
}

const hosts = Object.keys(CROWDED)

/** A request of somebody: what marks it as his stands in `MARK`. */
export interface Somebody {
  readonly host: string
  readonly method: string
  readonly target: string
  readonly headers: HeaderLines
}

/** In the place of what a client has of its own. */
const MARK = '{me}'

/** A header that one in six has: with more of them hardly two requests would be alike. */
const maybe = (name: string, ...values: readonly string[]) => {
  const line = fc.constantFrom(...values).map((value) => [name, value] as const)
  return fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: line })
}

/** Requests that share what they may: few paths, and all that has to do with caches. */
export const somebody: fc.Arbitrary<Somebody> = fc.record({
  host: fc.constantFrom(...hosts),
  method: fc.constantFrom('GET', 'GET', 'GET', 'GET', 'GET', 'HEAD', 'POST'),
  target: fc
    .tuple(fc.nat({ max: 5 }), fc.constantFrom('', '', '?a=1&b=2', '?b=2&a=1', `?utm_a=${MARK}`))
    .map(([page, query]) => `/${page}${query}`),
  headers: fc
    .tuple(
      maybe('Cookie', `sid=${MARK}`, `sid=${MARK}; theme=a`, 'theme=b'),
      maybe('Authorization', `Bearer ${MARK}`),
      maybe('X-HTTP-Method-Override', MARK),
      maybe('X-Forwarded-Host', MARK),
      maybe('X-Tenant', 'a', 'b'),
      maybe('Accept-Language', 'de', 'en'),
      maybe('Accept-Encoding', 'gzip', 'br', `${MARK}, gzip`),
      maybe('Origin', 'https://a.test', 'https://b.test'),
      maybe('Range', 'bytes=0-3', 'bytes=-4', 'bytes=9000000-'),
      maybe('If-None-Match', '"e"', 'W/"e"', '*'),
      maybe('Cache-Control', 'no-cache', 'no-store', 'max-stale', 'only-if-cached'),
      maybe('Connection', 'close', 'cookie, close', 'x-tenant, close'),
    )
    .map((lines) => lines.flatMap((line) => (line ? [line] : []))),
})

/** A request as one client sends it. */
export function asClient({ target, headers, ...rest }: Somebody, me: string): Somebody {
  const own = (text: string) => text.replaceAll(MARK, me)
  return {
    ...rest,
    target: own(target),
    headers: headers.map(([name, value]) => [name, own(value)] as const),
  }
}

const DIRECTIVES = [
  'max-age=60',
  'private="x-told", max-age=60',
  'max-age=60',
  'private, max-age=60',
  'max-age=1, stale-while-revalidate=5',
  'no-cache',
]
const VARY = ['Accept-Language', 'Cookie', 'Accept-Encoding']

/**
 * Tells everybody all that it was told, in body and head, and never that it is for all. What it says of caches and by
 * what it varies hangs on the path.
 */
export function tellAll({ request, response }: OriginExchange): void {
  const page = Number(/\d+/.exec(request.url ?? '')?.[0])
  const told = JSON.stringify({ url: request.url, ...request.headers })
  response.setHeader('cache-control', DIRECTIVES[page % DIRECTIVES.length] ?? '')
  response.setHeader('content-type', 'text/html')
  response.setHeader('x-told', encodeURIComponent(told))
  if (page % 2 === 1) response.setHeader('vary', VARY[page % VARY.length] ?? '')
  if (page === 4) response.setHeader('set-cookie', `session=${request.headers.cookie ?? ''}`)
  if (page % 3 === 0) response.setHeader('etag', '"e"')
  if (page % 3 === 0 && request.headers['if-none-match'] !== undefined) response.statusCode = 304
  response.end(response.statusCode === 304 ? undefined : told)
}
