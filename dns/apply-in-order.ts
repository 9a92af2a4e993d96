import type { ChangeResult, DnsChange } from '../src/schema/dns-record-set.ts'
import { NO_TIME_LEFT, toUntried } from './untried.ts'

/**
 * Makes changes one by one, and begins none after `endsAtMs`. What one is refused for concerns that one; every other
 * failure, such as no answer in time, would meet the rest as well: they are answered with it at once.
 */
export async function applyInOrder(
  changes: readonly DnsChange[],
  endsAtMs: number,
  apply: (change: DnsChange, at: number) => Promise<ChangeResult>,
): Promise<readonly ChangeResult[]> {
  const results: ChangeResult[] = []
  let untried: ChangeResult | undefined
  for (const [at, change] of changes.entries()) {
    if (Date.now() > endsAtMs) untried ??= NO_TIME_LEFT
    const result = untried ?? (await apply(change, at))
    results.push(result)
    const isOutage = 'failure' in result && result.failure.kind !== 'refused'
    if (isOutage) untried ??= toUntried(result.failure)
  }
  return results
}
