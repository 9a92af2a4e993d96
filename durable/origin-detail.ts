import { connectionsOf, ejectingOf } from '../src/state/health/leases.ts'
import { type OriginState, judgeOrigin } from '../src/state/health/origin-state.ts'
import { describe } from '../src/state/health/standing.ts'
import { measureTraffic, passingOf } from '../src/state/health/traffic.ts'
import { voteOf } from '../src/state/health/vote.ts'
import type { OriginDetail, RegionView } from './origin-methods.ts'

/** All that the object of an origin knows at this moment, for people. */
export function toOriginDetail(state: OriginState, origin: string, nowMs: number): OriginDetail {
  const { standing, plans, isolates, traffic } = state
  const { windowMs } = plans.plan.passive
  const {
    completeSinceMs: _,
    shares: __,
    ...measure
  } = measureTraffic(traffic, nowMs - windowMs, nowMs)
  const { health, sinceMs, holdsUntilMs, hold } = standing
  const ejecting = ejectingOf(isolates, nowMs)
  return {
    origin,
    health,
    evidence: describe(standing, judgeOrigin(state, nowMs), nowMs),
    sinceMs,
    ...(holdsUntilMs !== null && { holdsUntilMs }),
    flaps: hold.flaps,
    connections: connectionsOf(isolates, nowMs),
    passing: passingOf(traffic, nowMs),
    regions: toRegionViews(state, nowMs),
    passive: {
      ...measure,
      windowMs,
      isolates: isolates.size,
      ...(ejecting > 0 && { ejecting }),
    },
  }
}

/** One for each monitor and each of its regions, in the order of the plan. */
function toRegionViews({ plans, regions }: OriginState, nowMs: number): readonly RegionView[] {
  return plans.plan.monitors.flatMap((monitor) =>
    monitor.regions.map((region) => {
      const vote = voteOf(regions[region], monitor, nowMs)
      const tally = regions[region]?.tallies[monitor.id]
      const isOk = tally !== undefined && tally.successes > 0
      return {
        region,
        monitor: monitor.id,
        verdict: tally?.verdict ?? 'unknown',
        ...(vote.says === 'nothing' && { void: vote.why }),
        inARow: (isOk ? tally.successes : tally?.failures) ?? 0,
        lastDetail: isOk ? '' : (tally?.detail ?? ''),
        ...(tally && { lastLatencyMs: tally.latencyMs, lastAtMs: tally.atMs }),
      }
    }),
  )
}
