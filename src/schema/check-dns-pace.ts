import type { Dns } from './dns.ts'
import type { KeptRecord } from './dns-kept.ts'
import { toZoneId } from './dns-zone.ts'
import { type Problem, toPointer } from './problem.ts'

/** Zones whose records cannot all move in one run, which comes once a minute: a lost region would leave DNS by parts. */
export function checkDnsPace(
  kept: readonly KeptRecord[],
  maximumChanges: Dns['maximumChanges'],
): Problem[] {
  const counts = new Map<string, number>()
  for (const { record } of kept) {
    const zone = toZoneId(record)
    counts.set(zone, (counts.get(zone) ?? 0) + 1)
  }
  return [...counts]
    .filter(([, count]) => count > maximumChanges)
    .map(([zone, count]) => {
      const runs = Math.ceil(count / maximumChanges)
      const message = `the zone ${zone} has ${count} records, and a run, once a minute, changes ${maximumChanges}: the last of them moves up to ${runs - 1} min after the first`
      const cure = `set "maximumChanges" to ${count}, unless they should move by parts`
      return { severity: 'warning', path: toPointer(['dns', 'maximumChanges']), message, cure }
    })
}
