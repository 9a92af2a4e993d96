import type { RouteCache } from '../../schema/cache.ts'
import { dateOf } from './age.ts'
import { valueOf, valuesOf } from './fields.ts'
import { parseHttpDate } from './http-date.ts'
import type { Exchange } from './judged.ts'
import { hasDefaultTtl, isHeuristicallyCacheable, isNegative } from './statuses.ts'
import type { Said } from './targeted.ts'

/** How long an answer is fresh, counted from its origin's moment as RFC 9111 §4.2.1 has it, and who said so. */
export interface Lifetime {
  readonly ms: number
  /** `answer`: itself; `route`: the "ttl" of its route; `heuristic`: nobody. */
  readonly by: 'answer' | 'route' | 'heuristic'
}

/** The lifetime of an answer in "standard"; `undefined` where nobody says one. */
export function lifetimeOf(
  exchange: Exchange,
  said: Said,
  { ttl }: RouteCache,
): Lifetime | undefined {
  const explicit = explicitLifetimeOf(exchange, said)
  if (explicit !== undefined) return { ms: explicit, by: 'answer' }
  const ruled = ttlOf(ttl, exchange.response.status)
  if (ruled !== undefined) return { ms: ruled, by: 'route' }
  const guessed = ttl.heuristic && heuristicLifetimeOf(exchange, said, ttl.heuristic)
  return guessed === undefined ? undefined : { ms: guessed, by: 'heuristic' }
}

/** What "ttl" of a route says of a status: the exact one, its class, negative ones, and then the default. */
export function ttlOf(ttl: RouteCache['ttl'], status: number): number | undefined {
  const named = ttl.statuses[String(status)] ?? ttl.statuses[`${Math.floor(status / 100)}xx`]
  if (named !== undefined) return named
  if (ttl.negative !== undefined && isNegative(status)) return ttl.negative
  return hasDefaultTtl(status) ? ttl.default : undefined
}

/** `s-maxage`, else `max-age`, else `Expires` (RFC 9111 §4.2.1). */
function explicitLifetimeOf(
  exchange: Exchange,
  { directives, isTargeted }: Said,
): number | undefined {
  const ms = directives.sMaxageMs ?? directives.maxAgeMs
  return ms !== undefined || isTargeted ? ms : lifetimeByExpires(exchange)
}

/** What cannot be read lies in the past (RFC 9111 §5.3), and so do two that differ (§4.2.1). */
function lifetimeByExpires({ response, timing }: Exchange): number | undefined {
  const values = new Set(valuesOf(response.fields, 'expires'))
  if (values.size === 0) return undefined
  const [value = ''] = values
  const expiresMs = values.size > 1 ? undefined : parseHttpDate(value, timing.receivedAtMs)
  return expiresMs === undefined ? 0 : Math.max(0, expiresMs - dateOf(response, timing))
}

type Heuristic = NonNullable<RouteCache['ttl']['heuristic']>

/** A share of the time since `Last-Modified`, for statuses that allow it or answers that are `public` (§4.2.2). */
function heuristicLifetimeOf(
  { response, timing }: Exchange,
  { directives }: Said,
  { share, most }: Heuristic,
): number | undefined {
  if (!isHeuristicallyCacheable(response.status) && !directives.isPublic) return undefined
  const value = valueOf(response.fields, 'last-modified')
  const modifiedMs = value === undefined ? undefined : parseHttpDate(value, timing.receivedAtMs)
  if (modifiedMs === undefined) return undefined
  return Math.min(most, Math.max(0, dateOf(response, timing) - modifiedMs) * share)
}
