import { describe, expect, it } from 'vitest'
import { connectionsOf } from '../../../src/state/health/leases.ts'
import { reportAfterMs } from '../../../src/state/health/pace.ts'
import { originHealth } from '../../../src/state/health/origin.ts'
import { measureTraffic } from '../../../src/state/health/traffic.ts'
import { monitorPlanOf } from '../../support/health.ts'
import { HealthWorld } from '../../support/health-world.ts'

const ALL = ['wnam', 'weur', 'apac'] as const

/** An origin without a monitor. */
const alone = () => new HealthWorld({ monitors: [] })

describe('traffic alone', () => {
  it('says that an origin is well once there is enough of it', () => {
    const world = alone()
    world.pass({ requests: 49 })
    expect(world.health).toBe('unknown')
    world.pass({ requests: 1 })
    expect(world.health).toBe('healthy')
    expect(world.evidence).toBe('passive 0 % of 50 in 30 s')
  })

  it('puts an origin out for the base of its hold-down, after which it is unknown', () => {
    const world = alone()
    world.pass({ requests: 60, failures: 40, errors: 5 })
    expect(world.health).toBe('unhealthy')
    expect(world.told.at(-1)).toMatchObject({
      evidence: 'passive 75 % of 60 in 30 s, seen by 1 of 1',
      holdsUntilMs: world.nowMs + 60_000,
    })
    world.wait(59_999)
    expect(world.health).toBe('unhealthy')
    world.wait(1)
    expect(world.health).toBe('unknown')
    expect(world.told.at(-1)?.health).toBe('unknown')
  })

  it('puts it out for twice as long when it fails again soon, and forgives it when it does not', () => {
    const world = alone()
    const outFor = () => {
      world.pass({ requests: 60, failures: 60 })
      expect(world.health).toBe('unhealthy')
      let seconds = 0
      while (world.health === 'unhealthy') {
        world.wait(1000)
        seconds += 1
      }
      return seconds
    }
    expect([outFor(), outFor(), outFor(), outFor()]).toEqual([60, 120, 240, 480])
    for (let times = 0; times < 4; times += 1) outFor()
    expect(outFor()).toBe(1800)
    world.wait(4 * 1_800_000)
    expect(outFor()).toBe(60)
  })

  it('goes by the settings that edges bring, of the latest revision', () => {
    const world = alone()
    const passive = { failureRate: 0.1, minRequests: 10, windowMs: 30_000 }
    const holdDown = { baseMs: 5000, maxMs: 5000 }
    const settings = { revision: 2, passive, holdDown }
    world.pass({ requests: 10, failures: 0, settings })
    expect(world.health).toBe('healthy')
    const lax = { ...settings, revision: 1, passive: { ...passive, failureRate: 1 } }
    world.pass({ requests: 10, failures: 3, settings: lax })
    expect(world.told.at(-1)).toMatchObject({
      health: 'unhealthy',
      holdsUntilMs: world.nowMs + 5000,
    })
  })
})

describe('traffic beside probes', () => {
  it('that fails is degraded while all probes are well, and asks them to look', () => {
    const world = new HealthWorld()
    world.probeAll(ALL, ['ok'])
    world.pass({ requests: 840, failures: 500 })
    expect(world.health).toBe('degraded')
    expect(world.evidence).toBe('3 of 3 regions up; passive 60 % of 840 in 30 s, seen by 1 of 1')
    expect(world.urges).toEqual([['wnam', 'weur', 'apac']])
    // And well again when it has left the window.
    world.wait(40_000)
    expect(world.health).toBe('healthy')
  })

  it('that fails is looked at again when it has left the window, whatever else was to be done later', () => {
    const monitors = [monitorPlanOf({ degradedAboveMs: 1 })]
    const world = new HealthWorld({ monitors })
    world.probeAll(ALL, ['ok'])
    expect(world.health).toBe('degraded')
    world.pass({ requests: 100, failures: 90 })
    expect(world.health).toBe('degraded')
    const wakeAtMs = originHealth.wakeAtMs(world.state) ?? Infinity
    expect(wakeAtMs - world.nowMs).toBeLessThanOrEqual(31_000)
  })

  it('that fails is unhealthy with the first probe that fails as well', () => {
    const world = new HealthWorld()
    world.probeAll(ALL, ['ok'])
    world.pass({ requests: 100, failures: 90 })
    world.probe('weur', ['connection refused'])
    expect(world.health).toBe('unhealthy')
    expect(world.evidence).toBe('3 of 3 regions up; passive 90 % of 100 in 30 s, seen by 1 of 1')
  })

  it('that is well does not outvote them', () => {
    const world = new HealthWorld()
    world.probeAll(ALL, ['x', 'x', 'x'])
    world.pass({ requests: 1000 })
    expect(world.health).toBe('unhealthy')
  })

  it('of which an isolate puts the origin aside asks them to look at once', () => {
    const world = new HealthWorld()
    world.probeAll(ALL, ['ok'])
    const ejectedFor = '5 failures in a row'
    world.pass({ requests: 5, failures: 5, ejectedFor })
    expect(world.urges).toHaveLength(1)
    world.wait(6000)
    world.pass({ requests: 1, failures: 1, ejectedFor })
    expect(world.urges).toHaveLength(1)
    world.pass({ requests: 1, failures: 0 })
    world.pass({ requests: 5, failures: 5, ejectedFor })
    expect(world.urges).toHaveLength(2)
  })
})

describe('isolates', () => {
  it('judge each once: one that is broken does not outvote the others, however much it sees', () => {
    const world = alone()
    for (const isolate of ['b', 'c', 'd']) world.pass({ isolate, requests: 20 })
    world.pass({ isolate: 'broken', requests: 900, failures: 900 })
    expect(world.health).toBe('healthy')
    for (const isolate of ['b', 'c', 'd']) world.pass({ isolate, requests: 40, failures: 40 })
    expect(world.health).toBe('unhealthy')
    expect(world.evidence).toMatch(/seen by 4 of 4$/)
  })

  it('that have seen little judge together', () => {
    const world = alone()
    for (let at = 0; at < 40; at += 1) {
      world.pass({ isolate: `i${at}`, requests: 2, failures: 2 })
    }
    expect(world.health).toBe('unhealthy')
    const other = alone()
    for (let at = 0; at < 40; at += 1) other.pass({ isolate: `i${at}`, requests: 2 })
    other.pass({ isolate: 'broken', requests: 200, failures: 200 })
    expect(other.health).toBe('healthy')
  })

  it('that report twice or late are not counted twice', () => {
    const world = alone()
    world.pass({ requests: 5, sequence: 2 })
    const before = world.state
    world.pass({ requests: 5, sequence: 2 })
    world.pass({ requests: 5, sequence: 1 })
    expect(world.state).toBe(before)
  })

  it('that are idle have nothing in flight after their lease, and judge no longer', () => {
    const world = alone()
    world.pass({ isolate: 'a', inFlight: 5 })
    world.pass({ isolate: 'b', inFlight: 3 })
    const connections = () => connectionsOf(world.state.isolates, world.nowMs)
    expect(connections()).toBe(8)
    world.wait(30_000)
    world.pass({ isolate: 'b', inFlight: 4 })
    expect(connections()).toBe(9)
    world.wait(1)
    expect(connections()).toBe(4)
    world.wait(60_000)
    world.pass({ isolate: 'b', inFlight: 4 })
    expect(world.state.isolates.size).toBe(1)
  })

  it('are asked to wait longer the more there are, up to a bound', () => {
    const world = alone()
    const paces: number[] = []
    for (let at = 1; at <= 3100; at += 1) {
      world.pass({ isolate: `i${at}` })
      if ([1, 200, 201, 1000, 3100].includes(at)) paces.push(reportAfterMs(world.state.isolates))
    }
    expect(paces).toEqual([2000, 2000, 4000, 10_000, 30_000])
    expect(world.state.isolates.size).toBe(3000)
  })
})

describe('what is measured', () => {
  it('is what was reported since, with how far back that goes', () => {
    const world = alone()
    const beganAtMs = world.nowMs
    world.wait(10_000)
    world.pass({ requests: 5, failures: 1, latencies: { 3: 4, 40: 1 } })
    world.wait(10_000)
    const sinceMs = world.nowMs
    world.pass({ requests: 7, errors: 2, latencies: { 3: 7 } })
    const since = (ms: number) => measureTraffic(world.state.traffic, ms, world.nowMs)
    const last = { requests: 7, failures: 0, errors: 2, latencies: { 3: 7 } }
    expect(since(sinceMs)).toEqual({ ...last, completeSinceMs: sinceMs })
    const all = { requests: 12, failures: 1, errors: 2, latencies: { 3: 11, 40: 1 } }
    expect(since(0)).toEqual({ ...all, completeSinceMs: beganAtMs })
  })

  it('goes ten minutes back', () => {
    const world = alone()
    for (let second = 0; second < 1000; second += 1) {
      world.pass({ requests: 1 })
      world.wait(1000)
    }
    const { traffic } = world.state
    expect(traffic.parts).toHaveLength(600)
    const measured = measureTraffic(traffic, 0, world.nowMs)
    expect(measured).toMatchObject({ requests: 600, completeSinceMs: world.nowMs - 600_000 })
  })
})
