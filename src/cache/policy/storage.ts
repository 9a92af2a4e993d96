import type { RouteCache } from '../../schema/cache.ts'
import { CACHE_LIMITS } from '../../schema/cache-limits.ts'
import { initialAgeOf } from './age.ts'
import { armorOf } from './armor.ts'
import { parseRequestDirectives } from './cache-control.ts'
import { hasAuthorization, hasOwnCookie } from './credentials.ts'
import { valueOf } from './fields.ts'
import { lifetimeOf, ttlOf } from './freshness.ts'
import type { Exchange, JudgedHead, NotStored, StorageVerdict } from './judged.ts'
import { variantNamesOf } from './selection.ts'
import { isStorable, isUnderstood } from './statuses.ts'
import { toStoredFields } from './stored-fields.ts'
import { saidOf, type Said } from './targeted.ts'
import { withoutUntold } from './told.ts'
import { isValidatable } from './validators.ts'
import { longestOf, windowsOf } from './windows.ts'

/** What has a validator is kept at least so long beyond its freshness: asking for it again moves no body. */
const VALIDATION_MS = 3_600_000

/**
 * Whether an answer may be stored for all clients (RFC 9111 §3), and what it is of use for. Of the request these are
 * read: its method, `Cache-Control`, `Authorization`, `Cookie`. That the body is whole is for the caller to see to.
 */
export function judgeStorage(exchange: Exchange, rules: RouteCache): StorageVerdict {
  const said = saidOf(exchange.response.fields)
  const why =
    whyNotAsked(exchange) ??
    whyNotOfUse(exchange.response.status, said) ??
    whyNotAllowed(exchange, said, rules) ??
    (rules.armor ? armorOf(exchange.path, exchange.response, rules.ttl) : undefined)
  if (why !== undefined) return { store: false, why }
  const lifetime = toLifetime(exchange, said, rules)
  if (typeof lifetime === 'string') return { store: false, why: lifetime }
  if (isEndless(exchange.response)) return { store: false, why: 'stream' }
  const vary = variantNamesOf(exchange.response.fields)
  if (vary === undefined) return { store: false, why: 'vary' }
  const varies = withoutUntold(vary, rules)
  const head = toHead(exchange, said, { lifetimeMs: lifetime, vary: varies, rules })
  const keepMs = keepMsOf(head)
  return keepMs > 0 ? { store: true, head, keepMs } : { store: false, why: 'expired' }
}

/** What the request itself rules out. */
function whyNotAsked({ request }: Exchange): NotStored | undefined {
  if (request.method !== 'GET') return 'method'
  const asked = request.header('cache-control')
  if (asked === undefined || !parseRequestDirectives(asked).noStore) return undefined
  return 'request-no-store'
}

/** What could never answer another request. */
function whyNotOfUse(status: number, { directives }: Said): NotStored | undefined {
  if (status === 206) return 'partial'
  if (!isStorable(status)) return 'status'
  return directives.mustUnderstand && !isUnderstood(status) ? 'status' : undefined
}

/** Events as they happen: they end with their client, and nobody else waits for the end of them. */
const ENDLESS = /^(text\/event-stream|multipart\/x-mixed-replace)\b/i

function isEndless({ fields }: Exchange['response']): boolean {
  return ENDLESS.test(valueOf(fields, 'content-type')?.trim() ?? '')
}

/** What the origin keeps from others. `must-understand` stands above `no-store` (RFC 9111 §5.2.2.3). */
function whyNotAllowed(
  { request, response }: Exchange,
  said: Said,
  rules: RouteCache,
): NotStored | undefined {
  const { directives } = said
  if (directives.noStore && !directives.mustUnderstand) return 'no-store'
  if (directives.isPrivate) return 'private'
  const hasCookie = valueOf(response.fields, 'set-cookie') !== undefined
  if (hasCookie && rules.setCookie === 'never') return 'set-cookie'
  const isHeard = rules.mode !== 'override'
  if (hasAuthorization(request, rules) && !(isHeard && isForAuthorized(said)))
    return 'authorization'
  return hasOwnCookie(request, rules) && !(isHeard && isForAll(said)) ? 'cookie' : undefined
}

/** Whether an answer to a request with `Authorization` says that it is for others, too (RFC 9111 §3.5). */
function isForAuthorized({ directives }: Said): boolean {
  const { isPublic, mustRevalidate, sMaxageMs } = directives
  return isPublic || mustRevalidate || sMaxageMs !== undefined
}

/**
 * Whether an answer says so much that cookies do not matter. A lifetime that is meant for caches like this one does;
 * `must-revalidate` does not: it is written beside any lifetime, with no thought of who asks.
 */
function isForAll({ directives, isTargeted }: Said): boolean {
  const { isPublic, sMaxageMs, maxAgeMs } = directives
  return isPublic || sMaxageMs !== undefined || (isTargeted && maxAgeMs !== undefined)
}

/** The lifetime in ms, or why there is none. What may only be validated has 0. */
function toLifetime(exchange: Exchange, said: Said, rules: RouteCache): number | NotStored {
  if (rules.mode === 'override') {
    const ruled = ttlOf(rules.ttl, exchange.response.status)
    return ruled === 0 ? 'ttl-zero' : (ruled ?? 'no-lifetime')
  }
  const lifetime = lifetimeOf(exchange, said, rules)
  if (lifetime?.by === 'route' && lifetime.ms === 0) return 'ttl-zero'
  if (lifetime !== undefined) return lifetime.ms
  // Nobody says how long, but the origin says that it may be kept: then it is asked each time whether it still holds.
  const { noCache, isPublic } = said.directives
  return (noCache || isPublic) && isValidatable(exchange.response) ? 0 : 'no-lifetime'
}

interface Ruling {
  readonly lifetimeMs: number
  readonly vary: readonly string[]
  readonly rules: RouteCache
}

function toHead(
  { response, timing }: Exchange,
  { directives }: Said,
  { lifetimeMs, vary, rules }: Ruling,
): JudgedHead {
  const initialAgeMs = initialAgeOf(response, timing)
  // "override" counts from now on, however old an answer says it is; nothing is fresh beyond the life of a cache.
  const saidMs = rules.mode === 'override' ? lifetimeMs + initialAgeMs : lifetimeMs
  const withheld =
    rules.setCookie === 'strip' ? [...directives.withheld, 'set-cookie'] : directives.withheld
  return {
    status: response.status,
    fields: toStoredFields(response.fields, withheld, timing.receivedAtMs),
    requestedAtMs: timing.requestedAtMs,
    receivedAtMs: timing.receivedAtMs,
    initialAgeMs,
    freshMs: Math.min(saidMs, initialAgeMs + CACHE_LIMITS.lifeMs),
    ...windowsOf(directives, rules),
    vary,
  }
}

/** How long it is of any use from now on: fresh, in a window, or to ask for its body's sake. */
export function keepMsOf(head: JudgedHead): number {
  const beyondMs = Math.max(longestOf(head), isValidatable(head) ? VALIDATION_MS : 0)
  return Math.min(head.freshMs + beyondMs - head.initialAgeMs, CACHE_LIMITS.lifeMs)
}
