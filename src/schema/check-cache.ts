import { toCookieName } from './cookie-name.ts'
import type { RouteCache } from './cache.ts'
import { NEVER_STORED, OF_ONE_REQUEST } from './cache-statuses.ts'
import type { Config } from './config.ts'
import { type Problem, toPointer } from './problem.ts'
import type { Route } from './route.ts'

/** A route with a cache that is not off. */
interface Cached {
  readonly id: string
  readonly route: Route
  readonly cache: RouteCache
}

type Words = Pick<Problem, 'message' | 'cure'>

/** Everything about caches that cannot work, or that hardly anybody means. */
export function checkCache(config: Config): Problem[] {
  return Object.entries(config.routes).flatMap(([id, route]) => {
    const { cache } = route
    if (cache === undefined || cache.mode === 'off') return []
    const cached = { id, route, cache }
    return [
      ...checkAction(cached),
      ...checkTtl(cached),
      ...checkHeaders(cached),
      ...checkCookies(cached),
      ...checkClients(cached),
      ...checkPlaces(cached, config),
    ]
  })
}

function checkAction({ id, route }: Cached): Problem[] {
  const action = route.respond ? 'respond' : route.redirect ? 'redirect' : undefined
  if (action !== undefined) {
    const message = `the route has "${action}": its answer is made here, and there is nothing to store`
    return [error([id], { message, cure: 'remove "cache"' })]
  }
  const isRead = route.match.some(({ methods }) => methods?.some(isReading) !== false)
  if (isRead) return []
  const message = 'the route takes neither GET nor HEAD, and nothing else is stored'
  return [warning([id], { message, cure: 'remove "cache", or let the route take GET' })]
}

function isReading(method: string): boolean {
  return method === 'GET' || method === 'HEAD'
}

function checkTtl({ id, cache: { mode, ttl, armor } }: Cached): Problem[] {
  const problems: Problem[] = []
  const { default: lifetime, statuses, negative, heuristic } = ttl
  const isEmpty =
    lifetime === undefined && negative === undefined && Object.keys(statuses).length === 0
  if (mode === 'override' && isEmpty) {
    const message = '"override" goes by "ttl" alone, and it says nothing: no answer would be stored'
    const cure = 'give "ttl" a "default", or set "mode" to "standard"'
    problems.push(error([id, 'ttl'], { message, cure }))
  }
  if (mode === 'override' && heuristic !== undefined) {
    const message = '"heuristic" has no effect under "override", which guesses nothing'
    problems.push(warning([id, 'ttl', 'heuristic'], { message, cure: 'remove it' }))
  }
  for (const status of Object.keys(statuses)) {
    const isNever = NEVER_STORED.has(Number(status))
    const isArmored = armor && OF_ONE_REQUEST.has(Number(status))
    if (!isNever && !isArmored) continue
    const message = isNever
      ? `a ${status} is never stored: it is about one request`
      : `the armor holds back a ${status}: its cause is one request, and all others would get it`
    const cure = isNever ? 'remove it' : 'remove it, or set "armor" to false'
    problems.push(warning([id, 'ttl', 'statuses', status], { message, cure }))
  }
  return problems
}

/** What is no part of a key by its meaning, and what does its work instead. */
const MISKEYED: Readonly<Record<string, string>> = {
  'accept-encoding':
    'remove it: answers that say "Vary: Accept-Encoding" are told apart by themselves',
  authorization:
    'remove it: what an answer to a credential is stored for, the origin says ("public")',
  connection: 'remove it: it is about one connection',
  'content-length': 'remove it: a request with a body goes past the cache',
  cookie: 'name the cookies that count under "cookies"',
  'cf-ipcountry': 'set "country" to true',
  host: 'remove it: the host is in the key unless "host" says otherwise',
  range: 'remove it: parts are cut from what is stored whole',
  'transfer-encoding': 'remove it: a request with a body goes past the cache',
  upgrade: 'remove it: a handshake goes past the cache',
}
const CONDITION = /^if-/
/** What the router says itself, whatever a client claims. */
const OURS =
  /^(?:cf-.*|forwarded|portolan-.*|traceparent|tracestate|via|x-forwarded-.*|x-real-ip|x-request-id)$/
/** What hardly two clients say alike. */
const UNLIKE: ReadonlySet<string> = new Set(['referer', 'sec-ch-ua', 'user-agent'])

function checkHeaders({ id, cache: { key } }: Cached): Problem[] {
  return key.headers.flatMap((name, at) => {
    const path = [id, 'key', 'headers', String(at)]
    const cure = Object.hasOwn(MISKEYED, name) ? MISKEYED[name] : undefined
    if (cure !== undefined) return [error(path, { message: `"${name}" cannot be in a key`, cure })]
    if (CONDITION.test(name)) {
      const message = `"${name}" is a question about what somebody has, and no part of a key`
      return [error(path, { message, cure: 'remove it: it is answered from what is stored' })]
    }
    if (OURS.test(name)) {
      const message = `"${name}" is said by the router, and what a client says there reaches no origin`
      return [error(path, { message, cure: 'remove it' })]
    }
    if (!UNLIKE.has(name)) return []
    const message = `hardly two clients send the same "${name}": nearly every request would be a miss`
    const instead = name === 'referer' ? 'remove it' : 'set "device" to true, or remove it'
    return [warning(path, { message, cure: instead })]
  })
}

function checkCookies({ id, route, cache: { key, setCookie } }: Cached): Problem[] {
  const problems: Problem[] = []
  const own = ownCookieOf(id, route)
  for (const [at, name] of key.cookies.entries()) {
    if (name !== own) continue
    const message = `"${name}" is the cookie of this route's affinity: each client has its own, and no origin gets it`
    problems.push(error([id, 'key', 'cookies', String(at)], { message, cure: 'remove it' }))
  }
  if (setCookie === 'strip' && key.cookies.length > 0) {
    const message =
      'stored answers set no cookies, and the key asks for some: who is answered from the cache never gets them'
    const cure = 'set "setCookie" to "never", unless somebody else sets these cookies'
    problems.push(warning([id, 'setCookie'], { message, cure }))
  }
  return problems
}

function ownCookieOf(id: string, { affinity }: Route): string | undefined {
  const isOne = affinity?.type === 'cookie' || affinity?.type === 'ip-cookie'
  return isOne ? toCookieName(id, affinity.name) : undefined
}

function checkClients({ id, route: { affinity, writes } }: Cached): Problem[] {
  const problems: Problem[] = []
  if (affinity?.data !== undefined) {
    const message =
      '"data" of its affinity tells origins who a client is, and the answer would be stored for all'
    const cure = 'remove "cache", or "data" from "affinity"'
    problems.push(error([id], { message, cure }))
  }
  if (affinity !== undefined) {
    const message =
      'only requests that miss the cache bind their client: who is answered from it is not bound'
    const cure = 'give what belongs to a session a route of its own, without "cache"'
    problems.push(warning([id], { message, cure }))
  }
  if (writes !== undefined) {
    const message = 'who has written may read from the cache what was there before'
    const cure = 'keep lifetimes short, or purge on a write'
    problems.push(warning([id], { message, cure }))
  }
  return problems
}

function checkPlaces({ id, cache }: Cached, { settings }: Config): Problem[] {
  const { memory, colo, kv, shield } = cache.tiers
  const isMemory = memory && settings.cache.memoryBytes > 0 && settings.cache.memoryObjectBytes > 0
  const problems: Problem[] = []
  if (!isMemory && !colo && !kv && shield === false) {
    const message = 'there is no place to keep anything: every request goes to an origin'
    const cure = 'turn on one of the tiers, or set "mode" to "off"'
    problems.push(warning([id, 'tiers'], { message, cure }))
  }
  if (cache.maxObjectBytes === 0) {
    const message = 'no answer with a body is small enough to be stored'
    problems.push(warning([id, 'maxObjectBytes'], { message, cure: 'raise it' }))
  }
  return problems
}

function error([route = '', ...at]: readonly string[], words: Words): Problem {
  return { severity: 'error', path: toPointer(['routes', route, 'cache', ...at]), ...words }
}

function warning(path: readonly string[], words: Words): Problem {
  return { ...error(path, words), severity: 'warning' }
}
