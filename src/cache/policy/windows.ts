import type { RouteCache } from '../../schema/cache.ts'
import { CACHE_LIMITS } from '../../schema/cache-limits.ts'
import type { ResponseDirectives } from './cache-control.ts'
import type { Stored } from './stored.ts'

/** How long after its freshness an answer may be used, and by which right. */
export type Windows = Pick<
  Stored,
  | 'staleWhileRevalidateMs'
  | 'staleIfErrorMs'
  | 'staleWhileOutMs'
  | 'staleWhileRecoveringMs'
  | 'isValidatedAlways'
  | 'isNeverStale'
>

/**
 * The windows of an answer: its own (RFC 5861) before those of the route. In "standard" `must-revalidate`,
 * `proxy-revalidate` and `no-cache` forbid all of them (RFC 9111 §4.2.4). `s-maxage` forbids those of the route, unless it
 * says otherwise, but not those that stand beside it: an origin that gives a window means it. "override" hears nothing of
 * this.
 */
export function windowsOf(directives: ResponseDirectives, { mode, stale }: RouteCache): Windows {
  const { staleWhileRevalidateMs, staleIfErrorMs, sMaxageMs } = directives
  const isStandard = mode !== 'override'
  const isForbidden = isStandard && isRevalidated(directives)
  const isImplied = isStandard && sMaxageMs !== undefined && !stale.despiteSMaxage
  const own = (ms: number) => (isForbidden ? 0 : Math.min(ms, CACHE_LIMITS.lifeMs))
  const ofRoute = (ms = 0) => (isImplied ? 0 : own(ms))
  const revalidateMs =
    staleWhileRevalidateMs === undefined
      ? ofRoute(stale.whileRevalidate)
      : own(staleWhileRevalidateMs)
  return {
    staleWhileRevalidateMs: revalidateMs,
    staleIfErrorMs: staleIfErrorMs === undefined ? ofRoute(stale.ifError) : own(staleIfErrorMs),
    staleWhileOutMs: ofRoute(stale.whileOut),
    staleWhileRecoveringMs: Math.max(revalidateMs, ofRoute(stale.whileRecovering)),
    isValidatedAlways: isStandard && directives.noCache,
    isNeverStale: isForbidden || isImplied,
  }
}

function isRevalidated({ noCache, mustRevalidate, proxyRevalidate }: ResponseDirectives): boolean {
  return noCache || mustRevalidate || proxyRevalidate
}

/** The longest of the windows in ms: what was used while all were out is used on while they come back. */
export function longestOf(windows: Windows): number {
  const { staleWhileRevalidateMs, staleIfErrorMs, staleWhileOutMs } = windows
  const outMs = staleWhileOutMs + windows.staleWhileRecoveringMs
  return Math.max(staleWhileRevalidateMs, staleIfErrorMs, outMs)
}

/**
 * How long an answer may be used while an origin comes back. What ran out before that waits for its turn, so that it is
 * not fetched all at once. What runs out later is used for as long again as it was fresh: it puts half of the usual load
 * on who comes back, and a page that may be two seconds old is not ten minutes old.
 */
export function recoveringWindowMs(
  { staleWhileRecoveringMs, freshMs }: Pick<Stored, 'staleWhileRecoveringMs' | 'freshMs'>,
  { staleSinceMs, sinceMs }: { readonly staleSinceMs: number; readonly sinceMs: number },
): number {
  if (staleSinceMs <= sinceMs) return staleWhileRecoveringMs
  return Math.min(staleWhileRecoveringMs, freshMs)
}
