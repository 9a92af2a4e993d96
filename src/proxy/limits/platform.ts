import type { Env } from '../../env.ts'
import type { RefusalReason } from '../../schema/reason.ts'
import { within } from '../within.ts'
import type { Claim } from './claim.ts'
import type { LimitCounts } from './limits.ts'
import { policiesOf, toRateRefusal } from './standing.ts'

/** The counters stand in the same data center: an answer that takes longer will not come. */
const TIMEOUT_MS = 250

/**
 * Counts with the rate limit binding that the limit names: one count for each location of the platform. A binding
 * that is not there, or does not answer, lets everyone through and is counted: a limit that cannot count is no
 * reason to serve nobody.
 */
export async function askPlatform(
  { limit, key }: Claim,
  env: Env,
  counts: LimitCounts,
): Promise<RefusalReason | undefined> {
  const binding = bindingOf(env, limit.binding)
  try {
    if (binding === undefined) throw new Error('there is no such rate limit in wrangler.toml')
    const { success } = await within(TIMEOUT_MS, binding.limit({ key: key.toString(36) }))
    if (success) return undefined
  } catch (error) {
    // Once in a thousand, the first of them included: a mistake in the configuration must be found, not flood the log.
    if (counts.platformMissed % 1000 === 0) {
      console.error(`rate limit ${limit.id}: ${limit.binding} does not count`, error)
    }
    counts.platformMissed += 1
    return undefined
  }
  const longestMs = Math.max(...limit.quotas.map(({ perMs }) => perMs))
  return toRateRefusal(limit, policiesOf(limit), longestMs)
}

/** The configuration names the binding, so that no type can know it. */
function bindingOf(env: Env, name = ''): RateLimit | undefined {
  const binding: unknown = Object.hasOwn(env, name) ? Reflect.get(env, name) : undefined
  return isRateLimit(binding) ? binding : undefined
}

function isRateLimit(binding: unknown): binding is RateLimit {
  return typeof binding === 'object' && binding !== null && 'limit' in binding
}
