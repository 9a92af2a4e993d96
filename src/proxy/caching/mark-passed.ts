import { type Forwarded, forwardStatus } from '../../cache/policy/cache-status.ts'
import type { Result } from '../pass.ts'

/** Says of an answer that is passed on what the cache did with it, and takes away what only a cache reads. */
export function markPassed(headers: Headers, status: string): void {
  for (const name of ['cache-tag', 'surrogate-key', 'portolan-cache-control']) headers.delete(name)
  headers.append('cache-status', status)
}

/** Says of a refusal what the cache did before it; answers say it themselves. */
export function markRefused(result: Result, name: string, forwarded: Forwarded): Result {
  if (result instanceof Response) return result
  const detail = result.type
  return { ...result, cacheStatus: forwardStatus(name, { ...forwarded, detail }) }
}
