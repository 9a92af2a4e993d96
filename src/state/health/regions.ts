import * as z from 'zod'
import { Id } from '../../schema/id.ts'
import { ProbeRegion } from '../../schema/monitor.ts'
import type { MonitorPlan, OriginPlan } from '../../schema/probe-plan.ts'
import type { ProbeReport } from '../../schema/report.ts'
import { silentAfterMs, voidAfterMs } from './silence.ts'
import { Tally, stepTally } from './tally.ts'

/** What one region has reported of an origin. */
export const RegionTally = z.object({
  prober: z.string(),
  sequence: z.number(),
  /** The revision by whose plan it probes. */
  revision: z.int(),
  isBlind: z.boolean(),
  /** When its last report came, by the clock of the object. */
  seenAtMs: z.number(),
  tallies: z.record(Id, Tally),
})
export type RegionTally = z.output<typeof RegionTally>

/** What all regions have reported. */
export const Regions = z.partialRecord(ProbeRegion, RegionTally)
export type Regions = z.output<typeof Regions>

type Monitors = Pick<OriginPlan, 'monitors'>

/** What a report is counted by. */
export interface RegionContext {
  readonly plan: Monitors
  readonly nowMs: number
  readonly isUnhealthy: boolean
}

/**
 * The regions after one more report; the same value when the report is late, comes twice, or is of a prober
 * that another one has taken over from. A prober that is blind has nothing to say of the origin.
 */
export function acceptReport(
  regions: Regions,
  report: ProbeReport,
  context: RegionContext,
): Regions {
  const known = regions[report.region]
  if (known !== undefined && !isNews(known, report, context)) return regions
  const { prober, sequence, isBlind } = report
  const tallies = { ...known?.tallies }
  for (const result of isBlind ? [] : report.results) {
    const monitor = context.plan.monitors.find(({ id }) => id === result.monitor)
    if (!monitor?.regions.includes(report.region)) continue
    tallies[monitor.id] = stepTally(tallies[monitor.id], result, { ...context, monitor })
  }
  const { revision } = report.plan
  const next = { prober, sequence, revision, isBlind, seenAtMs: context.nowMs, tallies }
  return { ...regions, [report.region]: next }
}

/**
 * A prober's numbers rise; of two probers the one of the later revision counts. Both only as long as the known
 * one is heard of: one that lost its numbers, or was taken away, must not keep its region silent.
 */
function isNews(known: RegionTally, report: ProbeReport, { plan, nowMs }: RegionContext): boolean {
  if (nowMs - known.seenAtMs > silentAfterMs(plan.monitors)) return true
  if (report.prober === known.prober) return report.sequence > known.sequence
  return report.plan.revision > known.revision
}

/** Forgets regions and monitors that the plan does not name; the same value when there are none. */
export function fitRegions(regions: Regions, { monitors }: Monitors): Regions {
  let fitted = regions
  for (const [name, region] of entriesOf(regions)) {
    const ids = Object.keys(region.tallies)
    const kept = ids.filter((id) => isNamed(monitors, id, name))
    if (!monitors.some((monitor) => monitor.regions.includes(name))) {
      const { [name]: _, ...others } = fitted
      fitted = others
    } else if (kept.length < ids.length) {
      const tallies = Object.fromEntries(
        Object.entries(region.tallies).filter(([id]) => kept.includes(id)),
      )
      fitted = { ...fitted, [name]: { ...region, tallies } }
    }
  }
  return fitted
}

function isNamed(monitors: readonly MonitorPlan[], id: string, region: ProbeRegion): boolean {
  return monitors.some((monitor) => monitor.id === id && monitor.regions.includes(region))
}

/** After a clock has jumped back nothing was seen in the future. The same value when nothing was. */
export function rebaseRegions(regions: Regions, nowMs: number): Regions {
  let rebased = regions
  for (const [name, region] of entriesOf(regions)) {
    if (region.seenAtMs <= nowMs) continue
    const tallies = Object.fromEntries(
      Object.entries(region.tallies).map(([id, tally]) => [
        id,
        { ...tally, seenAtMs: Math.min(tally.seenAtMs, nowMs) },
      ]),
    )
    rebased = { ...rebased, [name]: { ...region, seenAtMs: nowMs, tallies } }
  }
  return rebased
}

/**
 * Once nobody has had a vote, it was the object that heard nothing rather than each prober that fell silent: then
 * the first one to be heard again must not decide alone what the others saw last.
 */
export function refreshRegions(regions: Regions, nowMs: number): Regions {
  const refreshed: Regions = {}
  for (const [name, region] of entriesOf(regions)) {
    const tallies = Object.entries(region.tallies)
    const seen = tallies.map(([id, tally]) => [id, { ...tally, seenAtMs: nowMs }] as const)
    refreshed[name] = { ...region, tallies: Object.fromEntries(seen) }
  }
  return refreshed
}

/** Of an origin that has become unknown nothing that was seen before counts. */
export function forgetTallies(regions: Regions): Regions {
  const forgotten: Regions = {}
  for (const [name, region] of entriesOf(regions)) forgotten[name] = { ...region, tallies: {} }
  return forgotten
}

/** What regions there are, typed. */
export function entriesOf(regions: Regions): readonly (readonly [ProbeRegion, RegionTally])[] {
  // `Object.entries` knows nothing of the type of the keys, and a record that was parsed has no others.
  return Object.entries(regions) as [ProbeRegion, RegionTally][]
}

/**
 * Whether what was stored would lead another process to another verdict, or to think that a prober has fallen
 * silent. Everything else is not worth a row: results that confirm what is known come all the time.
 */
export function isWorthStoring(stored: Regions, regions: Regions, plan: Monitors): boolean {
  if (stored === regions) return false
  const names = entriesOf(regions)
  if (names.length !== Object.keys(stored).length) return true
  return names.some(([name, region]) => differs(stored[name], region, plan))
}

function differs(
  stored: RegionTally | undefined,
  region: RegionTally,
  { monitors }: Monitors,
): boolean {
  if (stored === region) return false
  if (stored === undefined || stored.prober !== region.prober) return true
  if (stored.isBlind !== region.isBlind || stored.revision !== region.revision) return true
  return monitors.some((monitor) => {
    const before = stored.tallies[monitor.id]
    const after = region.tallies[monitor.id]
    if (before === undefined || after === undefined) return before !== after
    if (before.verdict !== after.verdict || isMostlySlow(before) !== isMostlySlow(after))
      return true
    if (after.seenAtMs - before.seenAtMs > voidAfterMs(monitor) / 3) return true
    return rowOf(before, monitor) !== rowOf(after, monitor)
  })
}

/** How far the tally is on its way to the other verdict; 0 when nothing points there. */
function rowOf(tally: Tally, { fall }: MonitorPlan): number {
  if (tally.verdict === 'down') return tally.successes
  return Math.min(tally.failures, fall)
}

/** Whether most of the last successes were slow. */
export function isMostlySlow({ slow }: Tally): boolean {
  return slow.filter(Boolean).length * 2 > slow.length
}
