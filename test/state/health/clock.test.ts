import { describe, expect, it } from 'vitest'
import { originHealth } from '../../../src/state/health/origin.ts'
import { connectionsOf } from '../../../src/state/health/leases.ts'
import { monitorPlanOf } from '../../support/health.ts'
import { HealthWorld } from '../../support/health-world.ts'

const ALL = ['wnam', 'weur', 'apac'] as const
const HOUR_MS = 3_600_000
const refused = ['connection refused', 'connection refused', 'connection refused']

describe('a clock that jumps back', () => {
  it('makes no vote last longer than any other', () => {
    const world = new HealthWorld()
    world.nowMs += HOUR_MS
    world.probeAll(ALL, ['ok'])
    world.nowMs -= HOUR_MS
    world.probeAll(['wnam', 'weur'], ['ok'])
    world.wait(60_000)
    world.probeAll(['wnam', 'weur'], ['ok'])
    world.wait(30_001)
    expect(world.evidence).toBe('2 of 2 regions up, no vote of apac: no result for 90 s')
  })

  it('makes no hold-down longer', () => {
    const monitors = [monitorPlanOf({ regions: ['weur'], fall: 1, rise: 1 })]
    const world = new HealthWorld({ monitors })
    for (const word of ['ok', 'x', 'ok', 'x', 'ok']) world.probe('weur', [word])
    expect(world.health).toBe('unhealthy')
    world.nowMs -= HOUR_MS
    world.probe('weur', ['ok'])
    world.wait(60_001)
    expect(world.health).toBe('healthy')
  })

  it('makes nothing hold longer than ten minutes unseen', () => {
    const world = new HealthWorld()
    world.probeAll(ALL, ['ok'])
    world.wait(100_000)
    world.nowMs -= HOUR_MS
    world.dispatch({ type: 'wake' })
    world.wait(600_000 + 90_002)
    expect(world.health).toBe('unknown')
  })

  it('makes what traffic alone has shown hold no longer either', () => {
    const world = new HealthWorld({ monitors: [] })
    world.pass({ requests: 60 })
    world.wait(40_000)
    world.nowMs -= HOUR_MS
    world.dispatch({ type: 'wake' })
    expect(world.health).toBe('healthy')
    world.wait(600_000)
    expect(world.health).toBe('unknown')
  })

  it('forgets traffic of the future, and says so', () => {
    const world = new HealthWorld({ monitors: [] })
    world.nowMs += HOUR_MS
    world.pass({ requests: 100, failures: 100, inFlight: 9 })
    world.nowMs -= HOUR_MS
    world.pass({ requests: 60, inFlight: 2, isolate: 'b' })
    expect(world.state.traffic).toMatchObject({ sinceMs: world.nowMs, parts: [{ requests: 60 }] })
    expect(connectionsOf(world.state.isolates, world.nowMs)).toBe(2)
  })

  it('leaves no alarm in the future, and no pause', () => {
    const world = new HealthWorld()
    world.isHeard = false
    world.nowMs += HOUR_MS
    world.probeAll(ALL, refused)
    world.nowMs -= HOUR_MS
    world.isHeard = true
    world.probe('weur', ['ok'])
    expect(world.told).toHaveLength(1)
    const wakeAtMs = originHealth.wakeAtMs(world.state) ?? Infinity
    expect(wakeAtMs - world.nowMs).toBeLessThanOrEqual(600_000)
  })

  it('does not keep what is to be told waiting', () => {
    const world = new HealthWorld()
    world.isHeard = false
    world.probeAll(ALL, refused)
    world.nowMs -= HOUR_MS
    world.isHeard = true
    world.dispatch({ type: 'wake' })
    expect(world.told.map(({ health }) => health)).toEqual(['unhealthy'])
  })
})

describe('a clock that jumps ahead, or an object that heard nothing for long', () => {
  it('does not let the first region that is heard again decide alone', () => {
    const world = new HealthWorld()
    world.probeAll(ALL, ['ok'])
    world.probe('weur', refused)
    expect(world.health).toBe('degraded')
    world.nowMs += HOUR_MS
    world.probe('weur', refused)
    expect(world.health).toBe('degraded')
    world.probe('apac', ['ok'])
    expect(world.evidence).toBe('1 of 3 regions, 6 in a row: connection refused')
    // Unless it stays the only one.
    world.wait(60_000)
    world.probe('weur', refused)
    world.wait(40_000)
    world.probe('weur', refused)
    expect(world.health).toBe('unhealthy')
  })

  it('keeps what is known for ten minutes from when that is noticed', () => {
    const world = new HealthWorld()
    world.probeAll(ALL, ['ok'])
    world.nowMs += 10 * HOUR_MS
    world.dispatch({ type: 'wake' })
    expect(world.health).toBe('healthy')
    world.wait(600_000)
    expect(world.health).toBe('unknown')
  })
})

describe('an origin that became unknown', () => {
  it('is judged as if nobody had ever seen it', () => {
    const world = new HealthWorld()
    world.probeAll(ALL, refused)
    world.wait(800_000)
    expect(world.health).toBe('unknown')
    world.probe('weur', ['ok'])
    expect(world.health).toBe('healthy')
    expect(world.evidence).toBe('1 of 1 region up, no vote of wnam and 1 more: no result yet')
  })
})
