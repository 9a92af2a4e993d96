import { expect, it } from 'vitest'
import { failureOf, monitorPlanOf, resultOf } from '../../support/health.ts'
import { HealthWorld } from '../../support/health-world.ts'
import { chancesOf } from './month.ts'

const REGIONS = ['wnam', 'weur', 'apac'] as const

/** What the profile "fast" of a monitor says, and how long a report or a call takes between continents. */
const FAST = { intervalMs: 5000, unhealthyIntervalMs: 1000, fall: 3, rise: 2 }
const TRAVEL_MS = 150

/**
 * How long it takes from the death of an origin to the verdict, when a probe of the dead origin ends after so
 * long: three regions whose turns are spread over the interval, each of which probes on at the unhealthy interval
 * after a failure or when it is asked to look.
 */
function detect(seed: number, failsAfterMs: number): number {
  const chance = chancesOf(seed)
  const monitor = monitorPlanOf({ intervalMs: 5000, fall: FAST.fall, rise: FAST.rise })
  const world = new HealthWorld({ monitors: [monitor] })
  world.probeAll(REGIONS, ['ok', 'ok'])
  const startMs = world.nowMs
  const phaseMs = chance() * FAST.intervalMs
  const nextMs = REGIONS.map((_, at) => (phaseMs + (at * FAST.intervalMs) / 3) % FAST.intervalMs)
  for (let seen = 0; world.health !== 'unhealthy';) {
    // The one whose report arrives next: in this world none overtakes another.
    const at = nextMs.indexOf(Math.min(...nextMs))
    const region = REGIONS[at] ?? 'wnam'
    const beganMs = nextMs[at] ?? 0
    const arrivesMs = beganMs + failsAfterMs + TRAVEL_MS
    world.wait(Math.max(0, startMs + arrivesMs - world.nowMs))
    world.probe(region, [failureOf()])
    const pauseMs = Math.max(FAST.unhealthyIntervalMs, failsAfterMs)
    nextMs[at] = beganMs + pauseMs * (0.9 + chance() * 0.2)
    for (const asked of world.urges.slice(seen).flat()) {
      const other = REGIONS.findIndex((name) => name === asked)
      nextMs[other] = Math.min(nextMs[other] ?? Infinity, arrivesMs + TRAVEL_MS)
    }
    seen = world.urges.length
  }
  return world.nowMs - startMs
}

function detections(failsAfterMs: number): readonly number[] {
  const all = Array.from({ length: 500 }, (_, seed) => detect(seed, failsAfterMs))
  return all.toSorted((left, right) => left - right)
}

it('finds an origin dead that refuses connections within 5 s in the fast profile', () => {
  expect(detections(50).at(-1)).toBeLessThan(5000)
})

it('finds one dead that does not answer at all within 10 s, each probe of which takes its timeout of 2 s', () => {
  expect(detections(2000).at(-1)).toBeLessThan(10_000)
})

it('finds one well again after two successes of most regions', () => {
  const world = new HealthWorld({ monitors: [monitorPlanOf({ rise: FAST.rise })] })
  for (const region of REGIONS) world.probe(region, [failureOf(), failureOf(), failureOf()])
  for (const region of REGIONS.slice(0, 2)) world.probe(region, [resultOf(), resultOf()])
  expect(world.health).toBe('degraded')
})
