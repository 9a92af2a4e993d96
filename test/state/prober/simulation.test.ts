import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AuthoredConfig } from '../../../src/schema/config.ts'
import { PROBER_LIMITS, PROBER_PACE } from '../../../src/state/prober/state.ts'
import {
  type Behaviour,
  type Course,
  type History,
  chances,
  configOf,
  originsOf,
  run,
  toPauses,
} from './world.ts'

const SECOND_MS = 1000
const silent: Behaviour = { afterMs: undefined, ok: false }
const well: Behaviour = { afterMs: 80, ok: true }

/** Probes may begin a little early, to save an alarm; an alarm may be a little late. */
const TOLERANCE_MS = PROBER_PACE.slack + 100

/** By how much the longest pause of any check is longer than its interval and its spread; below 0 is in time. */
function longestDelayMs({ courses }: History): number {
  return Math.max(...[...courses.values()].map(toDelayMs))
}

function toDelayMs(course: Course): number {
  return Math.max(0, ...toPauses(course)) - course.intervalMs * (1 + course.jitter)
}

describe.each([
  { profile: 'standard', intervalMs: 30_000, probers: 51 },
  { profile: 'fast', intervalMs: 5000, probers: 126 },
] as const)('500 origins from three regions, $profile', ({ profile, intervalMs, probers }) => {
  const config = configOf({
    monitors: { web: { profile } },
    pools: { all: { monitor: 'web', origins: originsOf(500) } },
  })

  it('are probed within their interval even when every probe takes its whole timeout', () => {
    const history = run({ config, seed: 1, behave: () => silent }, 6 * intervalMs)
    expect(history.probers).toBe(probers)
    expect(history.courses.size).toBe(1500)
    const pauses = [...history.courses.values()].flatMap(toPauses)
    expect(Math.max(...pauses)).toBeLessThanOrEqual(intervalMs)
    expect(history.mostInFlight).toBe(PROBER_LIMITS.inFlight)
  })

  it('are asked once in their interval while they are well, and no more', () => {
    const history = run({ config, seed: 1, behave: () => well }, 6 * intervalMs)
    expect(longestDelayMs(history)).toBeLessThan(TOLERANCE_MS)
    // The first look of all comes out of turn.
    const perCheck = history.probes / history.courses.size
    expect(perCheck).toBeGreaterThan(6)
    expect(perCheck).toBeLessThan(8)
    expect(history.mostInFlight).toBeLessThanOrEqual(PROBER_LIMITS.inFlight)
  })
})

const second = fc.integer({ min: 1, max: 60 })
const monitor = fc
  .record({
    interval: second,
    timeout: fc.integer({ min: 100, max: 60_000 }),
    unhealthy: second,
    jitter: fc.constantFrom(0, 0.1, 0.5),
  })
  .map(({ interval, timeout, unhealthy, jitter }) => ({
    interval: `${interval}s`,
    timeout: `${Math.min(timeout, interval * SECOND_MS)}ms`,
    unhealthyInterval: `${Math.min(unhealthy, interval)}s`,
    jitter,
    regions: ['weur' as const],
  }))

const pools = fc.array(
  fc.record({
    origins: fc.integer({ min: 1, max: 12 }),
    monitors: fc.subarray([0, 1, 2], { minLength: 1 }),
  }),
  { minLength: 1, maxLength: 3 },
)

function toConfig(
  monitors: readonly NonNullable<AuthoredConfig['monitors']>[string][],
  sizes: readonly { readonly origins: number; readonly monitors: readonly number[] }[],
) {
  return configOf({
    monitors: Object.fromEntries(monitors.map((each, at) => [`m${at}`, each])),
    pools: Object.fromEntries(
      sizes.map(({ origins, monitors: used }, at) => [
        `p${at}`,
        {
          monitor: used.map((each) => ({ id: `m${each}` })),
          origins: originsOf(origins, `p${at}`),
        },
      ]),
    ),
  })
}

describe('whatever the monitors and whatever the origins do', () => {
  const world = fc.record({
    monitors: fc.tuple(monitor, monitor, monitor),
    sizes: pools,
    seed: fc.nat(),
    silence: fc.constantFrom(0, 0.2, 1),
  })

  it('six are under way at most, every result arrives once, and none waits longer than one probe', () => {
    fc.assert(
      fc.property(world, ({ monitors, sizes, seed, silence }) => {
        const chance = chances(seed)
        const behave = (): Behaviour => {
          if (chance() < silence) return silent
          return { afterMs: chance() * 1000, ok: chance() > 0.1 }
        }
        const takes = (): boolean => chance() > 0.05
        const config = toConfig(monitors, sizes)
        const history = run({ config, seed, behave, takes }, 100 * SECOND_MS)
        expect(history.mostInFlight).toBeLessThanOrEqual(PROBER_LIMITS.inFlight)
        // Where monitors of different pace meet, one may find all six connections just taken.
        const longestMs = Math.max(...Object.values(config.monitors).map(({ timeout }) => timeout))
        const late = [...history.courses.values()].filter((course) => {
          const mostMs = TOLERANCE_MS + Math.min(course.intervalMs, longestMs)
          return !(toDelayMs(course) < mostMs)
        })
        expect(late).toEqual([])
        expectOnceInOrder(history)
      }),
      { numRuns: 100, seed: 20_261_121 },
    )
  })
})

function expectOnceInOrder({ arrivals }: History): void {
  const sequences = new Map<string, number>()
  const seen = new Set<string>()
  for (const { report } of arrivals) {
    const key = `${report.prober} ${report.plan.origin}`
    if (report.sequence <= (sequences.get(key) ?? -1)) {
      throw new Error(`out of order: ${key} ${report.sequence}`)
    }
    sequences.set(key, report.sequence)
    for (const { monitor: id, atMs } of report.results) {
      const result = `${key} ${id} ${atMs}`
      if (seen.has(result)) throw new Error(`told twice: ${result}`)
      seen.add(result)
    }
  }
}
