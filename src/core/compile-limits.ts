import type { LimitKey, Quota, RateLimit } from '../schema/limit.ts'
import type { Route } from '../schema/route.ts'
import { hashText } from './kernel/hash.ts'

/** A rate limit of a route as the edge counts by it. */
export interface CompiledLimit {
  readonly id: string
  readonly key: LimitKey
  readonly mode: RateLimit['mode']
  readonly binding: string | undefined
  readonly announce: boolean
  /** One for each window, in their order. */
  readonly quotas: readonly Quota[]
  /** What clients are told each of them is called. */
  readonly policies: readonly string[]
  /** Sets its counts apart from those of any other limit, and of the same with other windows. */
  readonly salt: number
}

/** Compiles the rate limits of a route. */
export function compileLimits(route: string, { rateLimits }: Route): readonly CompiledLimit[] {
  return Object.entries(rateLimits).map(([id, limit]) => {
    const quotas = toQuotas(limit)
    const { key, mode, binding, announce } = limit
    const policies = quotas.map(({ perMs }) => {
      return quotas.length === 1 ? id : `${id}-${perMs / 1000}s`
    })
    const salt = hashText(JSON.stringify([route, id, key, mode, quotas]))
    return { id, key, mode, binding, announce, quotas, policies, salt }
  })
}

/** The burst is that of the shortest window: the longer ones bound what comes of many of them. */
function toQuotas({ windows, burst }: RateLimit): readonly Quota[] {
  const shortestMs = Math.min(...windows.map(({ perMs }) => perMs))
  return windows.map(({ requests, perMs }) => {
    return { requests, perMs, burst: perMs === shortestMs ? (burst ?? requests) : requests }
  })
}
