import { describe, expect, it } from 'vitest'
import { monitorPlanOf } from '../support/health.ts'
import { HealthWorld } from '../support/health-world.ts'

const ALL = ['wnam', 'weur', 'apac'] as const
const refused = ['connection refused', 'connection refused', 'connection refused']

describe('an origin that nobody has seen', () => {
  it('is unknown, and nothing is told of it', () => {
    const world = new HealthWorld()
    expect(world.health).toBe('unknown')
    world.wait(3_600_000)
    expect(world.told).toEqual([])
    expect([world.rows, world.alarms]).toEqual([0, 0])
  })

  it('is healthy from the first success on', () => {
    const world = new HealthWorld()
    world.probe('weur', ['ok'])
    expect(world.health).toBe('healthy')
    expect(world.told).toEqual([
      {
        origin: 'us-1',
        sequence: world.nowMs,
        health: 'healthy',
        evidence: '1 of 1 region up, no vote of wnam and 1 more: no result yet',
        sinceMs: world.nowMs,
      },
    ])
  })

  it('is unhealthy only when a region has failed as often as it takes', () => {
    const world = new HealthWorld()
    world.probe('weur', refused.slice(1))
    expect(world.health).toBe('unknown')
    world.probe('weur', refused.slice(2))
    expect(world.health).toBe('unhealthy')
  })
})

describe('regions', () => {
  it('decide by majority', () => {
    const world = new HealthWorld()
    world.probeAll(ALL, ['ok'])
    world.probe('weur', refused)
    expect(world.health).toBe('degraded')
    expect(world.evidence).toBe('1 of 3 regions, 3 in a row: connection refused')
    world.probe('apac', refused)
    expect(world.health).toBe('unhealthy')
    expect(world.evidence).toBe('2 of 3 regions, 3 in a row: connection refused')
  })

  it('that are two decide nothing when they differ', () => {
    const world = new HealthWorld({ monitors: [monitorPlanOf({ regions: ['wnam', 'weur'] })] })
    world.probeAll(['wnam', 'weur'], ['ok'])
    world.probe('weur', refused)
    expect(world.health).toBe('degraded')
    world.probe('wnam', refused)
    expect(world.health).toBe('unhealthy')
  })

  it('are up again after as many successes as it takes', () => {
    const world = new HealthWorld()
    world.probeAll(ALL, refused)
    world.probeAll(ALL, ['ok'])
    expect(world.health).toBe('unhealthy')
    world.probe('weur', ['ok'])
    expect(world.health).toBe('unhealthy')
    world.probe('apac', ['ok'])
    expect(world.health).toBe('degraded')
    world.probe('wnam', ['ok'])
    expect(world.health).toBe('healthy')
  })
})
