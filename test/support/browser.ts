import { CookieJar } from 'tough-cookie'
import { headerValues, type Received } from './client.ts'
import { fromEdge, type Router } from './router.ts'

/** A client that treats cookies as browsers do (RFC 6265): by domain, path, scheme and time. */
export interface Browser {
  readonly jar: CookieJar
  /** Asks for a URL of any host, and says which origin answered. */
  visit(url: string, visit?: Visit): Promise<Visited>
  /** The cookies that it would send to a URL now, by name. */
  cookies(url: string): Promise<Readonly<Record<string, string>>>
}

/** What a visit is, besides a GET. */
export interface Visit {
  readonly method?: string
  readonly body?: string
  /** Sent to another isolate than the first; only of an observed router. */
  readonly isolate?: 'second'
}

/** What came of a visit. */
export interface Visited {
  readonly status: number
  /** Empty where none answered. */
  readonly origin: string
  /** The values of `Set-Cookie`. */
  readonly set: readonly string[]
  readonly cacheControl: string | undefined
}

/** A browser with no cookies, at an address of its own. */
export function createBrowser(router: Router, ip = '203.0.113.7'): Browser {
  const jar = new CookieJar(undefined, { prefixSecurity: 'strict' })
  return {
    jar,
    async visit(url, visit = {}) {
      const cookie = await jar.getCookieString(url)
      const sending = { ...visit, cookie, ip }
      const visited = await (url.startsWith('https:') ? securely : plainly)(router, url, sending)
      // What a browser does not take, it leaves out and says nothing.
      for (const line of visited.set) await jar.setCookie(line, url, { ignoreError: true })
      return visited
    },
    async cookies(url) {
      const kept = await jar.getCookies(url)
      return Object.fromEntries(kept.map(({ key, value }) => [key, value]))
    },
  }
}

interface Sending extends Visit {
  readonly cookie: string
  readonly ip: string
}

async function plainly(router: Router, url: string, sending: Sending): Promise<Visited> {
  const { method = 'GET', body, isolate, cookie, ip } = sending
  const { host } = new URL(url)
  const received = await router.send(url, {
    method,
    headers: [
      ['Host', host],
      ...fromEdge(ip),
      ...(cookie === '' ? [] : [['Cookie', cookie] as const]),
      ...(isolate === undefined ? [] : [['rig-isolate', isolate] as const]),
    ],
    ...(body !== undefined && { body }),
  })
  return toVisited(received)
}

function toVisited(received: Received): Visited {
  const [origin = ''] = headerValues(received, 'x-origin')
  const [cacheControl] = headerValues(received, 'cache-control')
  const set = headerValues(received, 'set-cookie')
  return { status: received.status, origin, set, cacheControl }
}

/** By https: the runtime's own way in, since it listens without certificates. */
async function securely(router: Router, url: string, sending: Sending): Promise<Visited> {
  const { method = 'GET', cookie } = sending
  const headers = cookie === '' ? {} : { cookie }
  const answer = await router.runtime.miniflare.dispatchFetch(url, { method, headers })
  await answer.arrayBuffer()
  return {
    status: answer.status,
    origin: answer.headers.get('x-origin') ?? '',
    set: answer.headers.getSetCookie(),
    cacheControl: answer.headers.get('cache-control') ?? undefined,
  }
}
