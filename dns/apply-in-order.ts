import type { ChangeResult, DnsChange, DnsFailure } from '../src/schema/dns-record-set.ts'

/**
 * Makes changes one by one. What one is refused for concerns that one; every other failure, such as no answer in time,
 * would meet the rest as well: they are answered with it at once, and have surely not been tried.
 */
export async function applyInOrder(
  changes: readonly DnsChange[],
  apply: (change: DnsChange) => Promise<ChangeResult>,
): Promise<readonly ChangeResult[]> {
  const results: ChangeResult[] = []
  let outage: DnsFailure | undefined
  for (const change of changes) {
    if (outage) {
      results.push({ outcome: 'failed', failure: outage })
      continue
    }
    const result = await apply(change)
    results.push(result)
    if ('failure' in result && result.failure.kind !== 'refused') outage = result.failure
  }
  return results
}
