import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import type { ProbeRegion } from '../../../src/schema/monitor.ts'
import { HealthReport } from '../../../src/schema/report.ts'
import { voidAfterMs } from '../../../src/state/health/silence.ts'
import { monitorPlanOf, probeReportOf, resultOf } from '../../support/health.ts'
import { HealthWorld, toResult } from '../../support/health-world.ts'

type Action = (world: HealthWorld) => void

const REGIONS = ['wnam', 'weur', 'apac', 'oc'] as const
const somewhere = fc.constantFrom(...REGIONS)
const words = fc.array(fc.constantFrom('ok', 'ok', 'connection refused', 'timeout after 2 s'), {
  maxLength: 4,
})

const monitors = fc.record({
  fall: fc.integer({ min: 1, max: 4 }),
  rise: fc.integer({ min: 1, max: 4 }),
  regions: fc.subarray([...REGIONS], { minLength: 1 }),
})

const probes: fc.Arbitrary<Action> = fc.tuple(somewhere, words, fc.nat(9)).map(
  ([at, results, chance]): Action =>
    (world) =>
      world.probe(at, results, { isBlind: chance === 0 }),
)
const passes: fc.Arbitrary<Action> = fc
  .record({
    isolate: fc.constantFrom('a', 'b', 'c'),
    requests: fc.nat(100),
    failures: fc.nat(100),
    errors: fc.nat(10),
    inFlight: fc.nat(10),
  })
  .map(
    (report): Action =>
      (world) =>
        world.pass(report),
  )
const waits: fc.Arbitrary<Action> = fc.nat(40_000).map(
  (ms): Action =>
    (world) =>
      world.wait(ms),
)
const troubles: fc.Arbitrary<Action> = fc.oneof(
  fc.integer({ min: -7_200_000, max: 7_200_000 }).map((ms): Action => (world) => {
    world.nowMs += ms
  }),
  fc.constant<Action>((world) => world.restart()),
  fc.nat(3).map((revision): Action => (world) => {
    world.plan = { ...world.plan, revision }
  }),
  fc.boolean().map((isHeard): Action => (world) => {
    world.isHeard = isHeard
  }),
)

const anything = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: probes },
    { weight: 2, arbitrary: passes },
    { weight: 3, arbitrary: waits },
    { weight: 1, arbitrary: troubles },
  ),
  { maxLength: 80 },
)

/** What the regions say, counted anew and in another way than the machine counts it. */
function count({ state, nowMs, plan }: HealthWorld): { up: number; down: number } {
  const monitor = plan.monitors[0] ?? monitorPlanOf()
  const verdicts = monitor.regions.map((name: ProbeRegion) => {
    const seen = state.regions[name]
    const tally = seen?.tallies[monitor.id]
    if (seen === undefined || tally === undefined || seen.isBlind) return 'none'
    return nowMs - tally.seenAtMs > voidAfterMs(monitor) ? 'none' : tally.verdict
  })
  const votes = (verdict: string) => verdicts.filter((each) => each === verdict).length
  return { up: votes('up'), down: votes('down') }
}

it('is never healthy while a region says down, and unhealthy while most do', () => {
  fc.assert(
    fc.property(monitors, anything, (monitor, actions) => {
      const world = new HealthWorld({ monitors: [monitorPlanOf(monitor)] })
      for (const action of actions) {
        action(world)
        // A jump of the clock is noticed with the next thing that happens.
        world.dispatch({ type: 'wake' })
        const { up, down } = count(world)
        expect(world.health === 'healthy' && down > 0).toBe(false)
        expect(world.health !== 'unhealthy' && down > up).toBe(false)
      }
    }),
    { numRuns: 1500 },
  )
})

it('tells nothing but well-formed reports, whose numbers rise, each with its evidence', () => {
  fc.assert(
    fc.property(monitors, anything, (monitor, actions) => {
      const world = new HealthWorld({ monitors: [monitorPlanOf(monitor)] })
      for (const action of actions) action(world)
      for (const report of world.told) {
        expect(HealthReport.parse(report)).toEqual(report)
        expect(report.evidence).not.toBe('')
      }
      const sequences = world.told.map(({ sequence }) => sequence)
      expect(sequences).toEqual(sequences.toSorted((left, right) => left - right))
      expect(world.evidence.length).toBeGreaterThan(0)
      expect(world.evidence.length).toBeLessThanOrEqual(1024)
    }),
    { numRuns: 1000 },
  )
})

it('ends with the control object knowing what the object knows', () => {
  fc.assert(
    fc.property(monitors, anything, (monitor, actions) => {
      const world = new HealthWorld({ monitors: [monitorPlanOf(monitor)] })
      for (const action of actions) action(world)
      world.isHeard = true
      // Where the clock went back, the alarm lies far ahead: it is the next call that makes the object look.
      world.dispatch({ type: 'wake' })
      world.wait(60_000)
      const { health, sequence } = world.state.standing
      const { health: told = 'unknown', sequence: heard = 0 } = world.told.at(-1) ?? {}
      expect([told, heard]).toEqual([health, sequence])
    }),
    { numRuns: 1000 },
  )
})

const reports = fc.array(fc.tuple(somewhere, words, fc.nat(10_000), fc.nat(100)), {
  maxLength: 80,
})

it('does not change for reports that come twice or late', () => {
  fc.assert(
    fc.property(monitors, reports, (monitor, all) => {
      const world = new HealthWorld({ monitors: [monitorPlanOf(monitor)] })
      const seen: Parameters<HealthWorld['dispatch']>[0][] = []
      for (const [at, [region, results, ms, back]] of all.entries()) {
        const { plan } = world
        const report = probeReportOf(region, { sequence: at, plan, results: results.map(toResult) })
        seen.push({ type: 'probed', report })
        world.dispatch({ type: 'probed', report })
        // Any of the last minute: a region that is silent for longer is listened to anew.
        for (const repeated of seen.slice(-6)) {
          const before = world.state
          world.dispatch(repeated)
          expect(world.state).toBe(before)
        }
        world.wait(Math.min(ms, back * 100))
      }
    }),
    { numRuns: 500 },
  )
})

it('goes on as if nothing had been, however often its process ends', () => {
  fc.assert(
    fc.property(monitors, reports, (monitor, all) => {
      const one = new HealthWorld({ monitors: [monitorPlanOf(monitor)] })
      const other = new HealthWorld({ monitors: [monitorPlanOf(monitor)] })
      for (const [region, results, ms, chance] of all) {
        for (const world of [one, other]) {
          world.probe(region, results)
          assure(world, region)
          world.wait(ms)
        }
        if (chance < 50) other.restart()
        expect(other.health).toBe(one.health)
      }
    }),
    { numRuns: 500 },
  )
})

/** The other regions that were well say that they still are, so that none falls silent. */
function assure(world: HealthWorld, but: ProbeRegion): void {
  for (const region of REGIONS) {
    const verdict = world.state.regions[region]?.tallies['web']?.verdict
    if (region !== but && verdict === 'up') world.probe(region, ['ok'])
  }
}

it('keeps what it stores small', () => {
  fc.assert(
    fc.property(anything, (actions) => {
      const world = new HealthWorld()
      for (const action of actions) action(world)
      const { storedParts: _, ...stored } = world.stored
      expect(JSON.stringify(stored).length).toBeLessThan(8000)
    }),
    { numRuns: 300 },
  )
})

it('takes any latency that a clock may come up with', () => {
  const world = new HealthWorld()
  for (const latencyMs of [0, 1e-9, 1e12, Number.MAX_VALUE]) {
    world.probe('weur', [resultOf({ latencyMs })])
    expect(world.health).toBe('healthy')
  }
})
