import { type AffinityToken, readWrote } from '../../core/affinity/token.ts'
import type { CompiledRoute } from '../../core/snapshot.ts'
import type { Affinity } from '../../schema/affinity.ts'
import type { Bond } from '../../schema/bond.ts'
import { toCookieName } from '../../schema/cookie-name.ts'
import { Id } from '../../schema/id.ts'
import type { Route } from '../../schema/route.ts'
import { type CookieAttributes, findCookies, withoutCookie } from './cookies.ts'
import { type AffinityMemory, recall } from './memory.ts'

/** Affinity that sets a cookie. */
export type CookieAffinity = Extract<Affinity, { type: 'cookie' | 'ip-cookie' }>

/** What the cookies of a request say of its client. */
export interface CookieFindings {
  readonly token: AffinityToken | undefined
  /** What another system's cookie says, where there is none of ours. */
  readonly imported: Bond | undefined
  readonly wroteUntilMs: number | undefined
  /** Whether there are any of ours, good or not. */
  readonly hasOurs: boolean
}

const NOTHING: CookieFindings = {
  token: undefined,
  imported: undefined,
  wroteUntilMs: undefined,
  hasOurs: false,
}

/** Of a route that sets cookies; undefined of any other. */
export function cookieAffinityOf({ affinity }: Route): CookieAffinity | undefined {
  return affinity?.type === 'cookie' || affinity?.type === 'ip-cookie' ? affinity : undefined
}

/** Whether a route has any cookies of its own. */
export function setsCookies({ route }: CompiledRoute): boolean {
  return route.writes !== undefined || cookieAffinityOf(route) !== undefined
}

/** The name of a route's cookie. */
export function cookieNameOf({ id, route }: CompiledRoute): string {
  return toCookieName(id, cookieAffinityOf(route)?.name)
}

/** The name of the cookie that says that a client wrote. */
export function wroteNameOf(route: CompiledRoute): string {
  return `${cookieNameOf(route)}-wrote`
}

/** How a route sets its cookies. */
export function attributesOf({ route }: CompiledRoute): CookieAttributes {
  return cookieAffinityOf(route) ?? ORDINARY
}

/** The defaults of the schema, for a route that has no affinity and splits its writes. */
const ORDINARY: CookieAttributes = { sameSite: 'lax', secure: 'auto', httpOnly: true, path: '/' }

/** Reads what the cookies of a request say. What is wrong with one is counted, and no error. */
export function readCookies(
  header: string | null,
  route: CompiledRoute,
  { memory, nowMs }: { readonly memory: AffinityMemory; readonly nowMs: number },
): CookieFindings {
  if (header === null) return NOTHING
  const affinity = cookieAffinityOf(route.route)
  const tokens = affinity ? findCookies(header, cookieNameOf(route)) : []
  const token = affinity && newestOf(tokens, { route, affinity, memory, nowMs })
  const source = token === undefined ? affinity?.import : undefined
  const { writes } = route.route
  const wrote = writes ? findCookies(header, wroteNameOf(route)) : []
  return {
    token,
    imported: source === undefined ? undefined : importFrom(header, source, nowMs),
    wroteUntilMs: writes && latestOf(wrote, { route, memory, mostMs: nowMs + writes.keep }),
    hasOurs: tokens.length > 0 || wrote.length > 0,
  }
}

/** Takes the router's own cookies off a request: they concern nobody behind it. */
export function hideCookies(headers: Headers, route: CompiledRoute): void {
  const header = headers.get('cookie')
  if (header === null) return
  // "a=" is no part of "a-wrote=", and each of them is looked for where the other was.
  const rest = withoutCookie(withoutCookie(header, cookieNameOf(route)), wroteNameOf(route))
  if (rest === '') headers.delete('cookie')
  else headers.set('cookie', rest)
}

interface Reading {
  readonly route: CompiledRoute
  readonly affinity: CookieAffinity
  readonly memory: AffinityMemory
  readonly nowMs: number
}

/**
 * After a change of domain or path a browser sends two cookies by one name, and the older one first: what counts is
 * where the client was bound last.
 */
function newestOf(values: readonly string[], reading: Reading): AffinityToken | undefined {
  const { route, affinity, memory, nowMs } = reading
  const name = cookieNameOf(route)
  let newest: AffinityToken | undefined
  for (const value of values) {
    const read = recall(memory, name, value)
    if (typeof read === 'string') memory.counts[read] += 1
    else if (!isAlive(read, affinity, nowMs)) memory.counts.expired += 1
    else if (newest === undefined || read.boundAtMs > newest.boundAtMs) newest = read
  }
  return newest
}

/** Whether a token may still be followed: by what it says itself, and by what the configuration says now. */
function isAlive(
  { boundAtMs, usedAtMs, expiresAtMs }: AffinityToken,
  { ttl, idle = ttl }: CookieAffinity,
  nowMs: number,
): boolean {
  return nowMs < Math.min(expiresAtMs, boundAtMs + ttl, usedAtMs + idle)
}

function importFrom(header: string, name: string, nowMs: number): Bond | undefined {
  const [value] = findCookies(header, name)
  const origin = Id.safeParse(value).data
  return origin === undefined ? undefined : { origin, boundAtMs: nowMs }
}

interface WroteReading {
  readonly route: CompiledRoute
  readonly memory: AffinityMemory
  /** No write of the time that a route keeps clients now is later. */
  readonly mostMs: number
}

function latestOf(
  values: readonly string[],
  { route, memory: { keys, counts }, mostMs }: WroteReading,
): number | undefined {
  const name = wroteNameOf(route)
  let latest: number | undefined
  for (const value of values) {
    const read = readWrote(value, name, keys)
    if (!read.ok) counts[read.flaw] += 1
    else if (latest === undefined || read.untilMs > latest) latest = read.untilMs
  }
  return latest === undefined ? undefined : Math.min(latest, mostMs)
}
