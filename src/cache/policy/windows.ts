import { CACHE_LIMITS, type RouteCache } from '../../schema/cache.ts'
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
 * `proxy-revalidate`, `s-maxage` and `no-cache` forbid all of them (RFC 9111 §4.2.4); "override" does not hear them.
 */
export function windowsOf(directives: ResponseDirectives, { mode, stale }: RouteCache): Windows {
  const { noCache, mustRevalidate, proxyRevalidate, sMaxageMs } = directives
  const isStandard = mode !== 'override'
  const isValidatedAlways = isStandard && noCache
  const isNeverStale =
    isStandard && (noCache || mustRevalidate || proxyRevalidate || sMaxageMs !== undefined)
  const windowOf = (ms: number) => (isNeverStale ? 0 : Math.min(ms, CACHE_LIMITS.lifeMs))
  const whileRevalidateMs = directives.staleWhileRevalidateMs ?? stale.whileRevalidate ?? 0
  return {
    staleWhileRevalidateMs: windowOf(whileRevalidateMs),
    staleIfErrorMs: windowOf(directives.staleIfErrorMs ?? stale.ifError ?? 0),
    staleWhileOutMs: windowOf(stale.whileOut),
    staleWhileRecoveringMs: windowOf(Math.max(whileRevalidateMs, stale.whileRecovering)),
    isValidatedAlways,
    isNeverStale,
  }
}

/** The longest of the windows in ms: what was used while all were out is used on while they come back. */
export function longestOf(windows: Windows): number {
  const { staleWhileRevalidateMs, staleIfErrorMs, staleWhileOutMs } = windows
  const outMs = staleWhileOutMs + windows.staleWhileRecoveringMs
  return Math.max(staleWhileRevalidateMs, staleIfErrorMs, outMs)
}
