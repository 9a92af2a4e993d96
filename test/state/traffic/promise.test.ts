import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AuthoredConfig } from '../../../src/schema/config.ts'
import { solveAdmission } from '../../../src/state/ramp/admission.ts'
import { toRampView } from '../../../src/state/ramp/view.ts'
import { BondWorld, type Population } from './bond-world.ts'

const PER_SECOND = 150
const CLIENTS = 4000

/** How long after clients are counted what follows from it is with every isolate: reports, a look, publication. */
const LAG_SECONDS = 15

interface Life {
  readonly seed: number
  readonly failover: 'sticky' | 'temporary'
  readonly newcomers: number
  readonly weight: number
  /** What comes back: the origin, or its pool, which wants both of its origins. */
  readonly subject: 'origin:us-1' | 'pool:us'
}

const lives: fc.Arbitrary<Life> = fc.record({
  seed: fc.nat(),
  failover: fc.constantFrom('sticky', 'temporary'),
  newcomers: fc.constantFrom(0.02, 0.1, 0.2),
  weight: fc.constantFrom(1, 2),
  subject: fc.constantFrom('origin:us-1', 'pool:us'),
})

function worldOf({ seed, failover, newcomers, weight, subject }: Life): BondWorld {
  const config = {
    ramps: { quick: { steps: [30, 60, 100], dwell: '60s', gate: { minSamples: 10 } } },
    pools: {
      us: {
        recovery: 'quick',
        minimumOrigins: subject === 'pool:us' ? 2 : 1,
        drainTimeout: '100s',
        origins: {
          'us-1': { url: 'https://us-1.example.com', weight },
          'us-2': { url: 'https://us-2.example.com' },
        },
      },
      eu: { origins: { 'eu-1': { url: 'https://eu-1.example.com' } } },
    },
    routes: {
      all: {
        steer: { policy: 'weighted', weights: { us: 80, eu: 20 } },
        affinity: { type: 'cookie', failover },
      },
    },
    interlocks: { minCapacityPercent: 10 },
  } satisfies AuthoredConfig
  const population: Population = { seed, clients: CLIENTS, perSecond: PER_SECOND, newcomers }
  return new BondWorld(config, population)
}

/**
 * Percentage points of the natural share: four standard deviations of what was counted, once for the count that
 * judges and once for the count that was solved from; half of those who are bound anew while news travels; and
 * the point by which nothing is published.
 */
function toleranceOf(natural: number, { newcomers }: Life, share: number): number {
  const sigma = 100 * Math.sqrt((0.25 * 2) / Math.max(1, natural))
  const turnover = (LAG_SECONDS * PER_SECOND * newcomers) / CLIENTS
  return 4 * sigma + 0.5 * turnover * share + 1
}

/** The share that it has now. */
function shareOf({ state: { conditions } }: BondWorld, { subject }: Life): number | undefined {
  const condition = subject === 'pool:us' ? conditions.pools['us'] : conditions.origins['us-1']
  return condition?.sharePercent
}

/** Judges the rest of the step that it stands at: its share, or the nearest that affinity leaves. */
function judgeStep(world: BondWorld, life: Life): void {
  const sharePercent = shareOf(world, life) ?? 100
  world.reset()
  world.live(28)
  const { shares } = world.state.ramps[life.subject] ?? {}
  if (shares === undefined) throw new Error('nobody was counted')
  const { reachedPercent } = solveAdmission(sharePercent, shares)
  const { natural, taken } = world.flow(life.subject === 'pool:us' ? ['us-1', 'us-2'] : ['us-1'])
  const reached = (100 * taken) / natural
  const tolerance = toleranceOf(natural, life, sharePercent)
  expect(Math.abs(reached - reachedPercent)).toBeLessThan(tolerance)
  const kept = (100 * shares.kept) / shares.natural
  expect(reached).toBeLessThan(Math.max(sharePercent, kept) + tolerance)
}

const ORIGIN = { weight: 1, subject: 'origin:us-1' } as const

describe('affinity, a ramp and weights together', () => {
  it('give what comes back its share, or the nearest that affinity leaves', () => {
    fc.assert(
      fc.property(lives, (life) => {
        const world = worldOf(life)
        world.live(40)
        world.health('us-1', 'unhealthy')
        world.live(20)
        world.health('us-1', 'healthy')
        for (const share of [30, 60]) {
          // The process ends in the middle of what it asks for or publishes, and again after the step.
          world.doom(life.seed % 5)
          world.live(30)
          expect(shareOf(world, life)).toBe(share)
          judgeStep(world, life)
          world.crash()
          world.live(4)
        }
      }),
      { numRuns: 3 },
    )
  })

  it('admit more of the free clients than the share where most are bound elsewhere', () => {
    const world = worldOf({ seed: 1, failover: 'sticky', newcomers: 0.2, ...ORIGIN })
    world.live(40)
    world.health('us-1', 'unhealthy')
    world.live(20)
    world.health('us-1', 'healthy')
    world.live(30)
    const ramp = world.state.ramps['origin:us-1']
    expect(ramp?.admitPercent).toBeGreaterThan(50)
    world.reset()
    world.live(20)
    const { natural, taken } = world.flow(['us-1'])
    expect(Math.abs((100 * taken) / natural - 30)).toBeLessThan(6)
  })
})

describe('a drain by steps', () => {
  it('keeps who is bound, admits by what they leave of the share, and moves the rest in the end', () => {
    const world = worldOf({ seed: 7, failover: 'sticky', newcomers: 0.05, ...ORIGIN })
    world.live(60)
    const bound = world.clients.filter(({ bond }) => bond?.origin === 'us-1')
    world.set('origin:us-1', 'drain', { ramp: 'quick', override: true })
    world.live(35)
    const ramp = world.state.ramps['origin:us-1']
    if (ramp === undefined) throw new Error('it has no ramp')
    expect(ramp.admitPercent).toBeLessThan(30)
    expect(toRampView(ramp, world.nowMs).why).toMatch(
      /; affinity keeps 8\d % there although its share is 70 %$/,
    )
    world.live(180)
    const { drainFromMs = 0, drainUntilMs = 0 } = world.state.conditions.origins['us-1'] ?? {}
    expect(drainUntilMs - drainFromMs).toBe(100_000)

    // All that time nobody had to go, and from the end of the steps nobody came.
    const wasBound = new Set(bound)
    const seen = { came: 0, sentAway: 0 }
    world.live(Math.floor((drainUntilMs - 10_000 - world.nowMs) / 1000), (client, decision) => {
      if (decision.type !== 'steer') throw new Error('a request was refused')
      const isThere = decision.attempts[0]?.id === 'us-1'
      const belongs = client.bond?.origin === 'us-1'
      if (belongs && !isThere) seen.sentAway += 1
      if (isThere && !belongs) seen.came += 1
    })
    expect(seen).toEqual({ came: 0, sentAway: 0 })
    expect(world.clients.some((client) => wasBound.has(client) && client.at === 'us-1')).toBe(true)

    // In the last tenth they leave one after the other, and after it nobody is left.
    const left: number[] = []
    for (let second = 0; second < 10; second += 1) {
      world.live(1, (client, decision) => {
        const isLeaving = client.bond?.origin === 'us-1' && decision.type === 'steer'
        if (isLeaving && decision.attempts[0]?.id !== 'us-1') left.push(second)
      })
    }
    expect(new Set(left).size).toBeGreaterThan(6)
    world.reset()
    world.live(5)
    expect(world.flow(['us-1']).taken).toBe(0)
  })
})
