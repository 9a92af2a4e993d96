import type { Purged } from '../../core/purge.ts'
import { ageOf } from './age.ts'
import { parseRequestDirectives, type RequestDirectives } from './cache-control.ts'
import type { CacheRequest } from './message.ts'
import type { Stored } from './stored.ts'
import { recoveringWindowMs } from './windows.ts'

/** When and under which circumstances a stored answer is looked at. */
export interface Moment {
  readonly nowMs: number
  /** Of the route: whether a client may ask for validation. */
  readonly respectNoCache: boolean
  /**
   * `well`: origins of the route serve; `recovering`: one comes back; `out`: none may serve, or none could be reached
   * ("disconnected" of RFC 9111 §4.2.4); `failed`: this request was tried and got 500, 502, 503 or 504.
   */
  readonly situation: 'well' | 'recovering' | 'out' | 'failed'
  /**
   * Since when one comes back. For what ran out before, the window begins anew then: else an outage would end in a
   * stampede.
   */
  readonly recoveringSinceMs?: number | undefined
  /** What the purges that are newer than the answer make of it. */
  readonly purge: Purged
}

/** By which right a stale answer is given out. */
export type StaleBy =
  | 'while-revalidate'
  | 'while-recovering'
  | 'while-out'
  | 'if-error'
  | 'max-stale'

/**
 * What a stored answer is good for now. `stale`: given out, and fetched anew meanwhile unless the origin failed or is
 * out. `validate`: the origin is asked first (if that fails: judge again with `failed`). `gateway-timeout`: the client
 * wants nothing but what is stored, and that may not be used: 504. `unusable`: as if it were not there.
 */
export type Reuse =
  | { readonly type: 'fresh' }
  | { readonly type: 'stale'; readonly by: StaleBy }
  | { readonly type: 'validate' }
  | { readonly type: 'gateway-timeout' }
  | { readonly type: 'unusable' }

const FRESH: Reuse = { type: 'fresh' }
const VALIDATE: Reuse = { type: 'validate' }
const GATEWAY_TIMEOUT: Reuse = { type: 'gateway-timeout' }
const UNUSABLE: Reuse = { type: 'unusable' }
const STALE: Readonly<Record<StaleBy, Reuse>> = {
  'while-revalidate': { type: 'stale', by: 'while-revalidate' },
  'while-recovering': { type: 'stale', by: 'while-recovering' },
  'while-out': { type: 'stale', by: 'while-out' },
  'if-error': { type: 'stale', by: 'if-error' },
  'max-stale': { type: 'stale', by: 'max-stale' },
}

/**
 * Whether a stored answer may be given out (RFC 9111 §4), the key and the variant being right. What it answers is
 * never allocated. A fresh one reads no header, unless clients may ask for validation: then `Cache-Control`, and
 * `Pragma` where there is none. Any other reads `Cache-Control`.
 */
export function judgeReuse(stored: Stored, request: CacheRequest, moment: Moment): Reuse {
  if (moment.purge === 'hard') return UNUSABLE
  const ageMs = ageOf(stored, moment.nowMs)
  const isFresh = ageMs < stored.freshMs && !stored.isValidatedAlways && moment.purge === 'none'
  if (isFresh && !moment.respectNoCache) return FRESH
  const asked = directivesOf(request, moment.respectNoCache)
  if (isWelcome(stored, { ageMs, asked }, moment)) {
    if (isFresh) return FRESH
    const by = staleBy(stored, { ageMs, asked }, moment)
    if (by !== undefined) return STALE[by]
  }
  return asked?.onlyIfCached === true ? GATEWAY_TIMEOUT : VALIDATE
}

/** Whether a client wants a stored answer or none (RFC 9111 §5.2.1.7): on a miss it gets 504. Reads `Cache-Control`. */
export function isOnlyIfCached(request: CacheRequest): boolean {
  const value = request.header('cache-control')
  return value !== undefined && parseRequestDirectives(value).onlyIfCached
}

/** How many whole seconds a stored answer is still fresh for; negative: since when it no longer is (RFC 9211 §2.4). */
export function ttlSecondsOf(stored: Stored, nowMs: number): number {
  return Math.floor((stored.freshMs - ageOf(stored, nowMs)) / 1000)
}

interface Standing {
  readonly ageMs: number
  readonly asked: RequestDirectives | undefined
}

/** `Pragma` is heard only where there is no `Cache-Control` (RFC 9111 §5.4). */
function directivesOf(request: CacheRequest, withPragma: boolean): RequestDirectives | undefined {
  const value = request.header('cache-control')
  if (value !== undefined) return parseRequestDirectives(value)
  const pragma = withPragma ? request.header('pragma') : undefined
  return pragma === undefined ? undefined : parseRequestDirectives(pragma)
}

/**
 * Whether the client would take it (RFC 9111 §5.2.1): younger than its `max-age`, fresh for `min-fresh` on, and fresh at
 * all if it names an age without `max-stale`. These are preferences: where the origin is lost they give way.
 */
function isWelcome(
  { freshMs }: Stored,
  { ageMs, asked }: Standing,
  { situation, respectNoCache }: Moment,
): boolean {
  const isLost = situation === 'out' || situation === 'failed'
  if (!respectNoCache || asked === undefined || isLost) return true
  const { noCache, maxAgeMs, minFreshMs, maxStaleMs } = asked
  if (noCache || (maxAgeMs !== undefined && ageMs > maxAgeMs)) return false
  const isStaleTaken = maxAgeMs === undefined || maxStaleMs !== undefined
  return freshMs - ageMs >= (minFreshMs ?? (isStaleTaken ? Number.NEGATIVE_INFINITY : 0))
}

/** The right by which an answer that is not fresh may be given out, if there is one (RFC 9111 §4.2.4). */
function staleBy(stored: Stored, { ageMs, asked }: Standing, moment: Moment): StaleBy | undefined {
  if (stored.isValidatedAlways) return undefined
  // What a purge made stale before its time is so from the end of its freshness on.
  const staleMs = Math.max(0, ageMs - stored.freshMs)
  const by = byWindow(stored, staleMs, moment)
  if (by !== undefined) return by
  const isLost = moment.situation === 'out' || moment.situation === 'failed'
  if (isLost && staleMs < errorWindowMs(stored, asked)) return 'if-error'
  if (staleMs < stored.staleWhileRevalidateMs) return 'while-revalidate'
  const mostMs = stored.isNeverStale ? undefined : asked?.maxStaleMs
  return mostMs !== undefined && staleMs <= mostMs ? 'max-stale' : undefined
}

/** What a client says of errors holds for its own request (RFC 5861 §4): it may narrow, and widen where none forbids. */
function errorWindowMs(
  { staleIfErrorMs, isNeverStale }: Stored,
  asked: RequestDirectives | undefined,
): number {
  const askedMs = asked?.staleIfErrorMs ?? staleIfErrorMs
  return isNeverStale ? Math.min(askedMs, staleIfErrorMs) : askedMs
}

/** By the windows that are of the situation. */
function byWindow(stored: Stored, staleMs: number, moment: Moment): StaleBy | undefined {
  const { staleWhileRevalidateMs, staleWhileOutMs, staleWhileRecoveringMs } = stored
  const { situation, recoveringSinceMs = 0, nowMs } = moment
  switch (situation) {
    case 'recovering': {
      if (staleMs < staleWhileRevalidateMs) return 'while-revalidate'
      const returned = { staleSinceMs: nowMs - staleMs, sinceMs: recoveringSinceMs }
      const windowMs = recoveringWindowMs(stored, returned)
      const isInWindow = Math.min(staleMs, nowMs - recoveringSinceMs) < windowMs
      const isTooOld = staleMs >= staleWhileOutMs + staleWhileRecoveringMs
      return isInWindow && !isTooOld ? 'while-recovering' : undefined
    }
    case 'out':
      return staleMs < staleWhileOutMs ? 'while-out' : undefined
    case 'well':
    case 'failed':
      return undefined
  }
}
