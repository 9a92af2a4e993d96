import type * as z from 'zod'
import {
  type Asked,
  type Arrived,
  compileKeying,
  type Keying,
  toAsked,
} from '../../../src/cache/policy/key.ts'
import { parseRequestUrl, type RequestUrl } from '../../../src/proxy/request-url.ts'
import type { RouteCache } from '../../../src/schema/cache.ts'
import { Route } from '../../../src/schema/route.ts'

type AuthoredRoute = Partial<z.input<typeof Route>>

/** How a route with these settings of its cache makes keys. */
export function keyingOf(
  cache: z.input<typeof RouteCache> = {},
  route: AuthoredRoute = {},
): Keying {
  const steer = { policy: 'failover', pools: ['us'] } as const
  const keying = compileKeying('shop', Route.parse({ steer, cache, ...route }))
  if (keying === undefined) throw new Error('the route has no cache')
  return keying
}

/** What a test says of a request; all else is a plain GET. */
export interface Written {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly country?: string
  readonly match?: number
}

/** A request as the proxy would hand it over. */
export function arrivedOf(
  url: string,
  { method = 'GET', headers = {}, country, match = 0 }: Written = {},
): Arrived {
  return {
    method,
    url: urlOf(url),
    match,
    country,
    header: (name) => (Object.hasOwn(headers, name) ? headers[name] : undefined),
  }
}

/** A URL as the proxy takes it apart. */
export function urlOf(url: string): RequestUrl {
  const parsed = parseRequestUrl(url, new Headers())
  if (!parsed.ok) throw new Error(parsed.detail)
  return parsed.url
}

/** What a request asks of the cache of a route. */
export function askedOf(keying: Keying, url: string, written: Written = {}): Asked {
  return toAsked(keying, arrivedOf(url, written))
}

/** The key of a request that may be answered from the cache. */
export function keyOf(keying: Keying, url: string, written: Written = {}): string {
  const asked = askedOf(keying, url, written)
  if (asked.type !== 'look') throw new Error(JSON.stringify(asked))
  return asked.key
}

/** The URL that the origin of a request is asked for. */
export function targetOf(keying: Keying, url: string): string {
  const asked = askedOf(keying, url)
  if (asked.type !== 'look') throw new Error(JSON.stringify(asked))
  const { scheme, authority, path, query } = asked.url
  return `${scheme}://${authority}${path}${query}`
}
