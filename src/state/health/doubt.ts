import { type Regions, entriesOf } from './regions.ts'

/** Probers that were asked to look keep looking until they are sure: nobody asks them all the time. */
const URGE_MS = 5000

/** Whether a region's row of failures has begun: until now nothing was wrong there. */
export function hasBegunToFail(before: Regions, after: Regions): boolean {
  if (before === after) return false
  return entriesOf(after).some(([name, region]) => {
    const known = before[name]
    if (known === region) return false
    return Object.entries(region.tallies).some(([id, tally]) => {
      if (tally.successes > 0 || tally.failures === 0) return false
      const earlier = known?.tallies[id]
      return earlier === undefined || (earlier.successes > 0 && earlier.verdict !== 'down')
    })
  })
}

/** Whether it is too early to ask again. A time that lies ahead is one that the clock has jumped back from. */
export function isUrged(urgedAtMs: number, nowMs: number): boolean {
  return nowMs >= urgedAtMs && nowMs - urgedAtMs < URGE_MS
}

/** The names of all probers that were heard of and see anything, but for the one that knows already. */
export function probersOf(regions: Regions, but: string): readonly string[] {
  return entriesOf(regions)
    .filter(([, { isBlind, prober }]) => !isBlind && prober !== but)
    .map(([, { prober }]) => prober)
}
