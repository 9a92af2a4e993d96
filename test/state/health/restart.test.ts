import { describe, expect, it } from 'vitest'
import { monitorPlanOf, resultOf } from '../../support/health.ts'
import { HealthWorld } from '../../support/health-world.ts'

const ALL = ['wnam', 'weur', 'apac'] as const
const refused = ['connection refused', 'connection refused', 'connection refused']

describe('an object that ends and begins again', () => {
  it('counts on where it was', () => {
    const world = new HealthWorld()
    world.probeAll(ALL, ['ok'])
    for (const region of ['weur', 'apac'] as const) {
      world.probe(region, ['connection refused'])
      world.restart()
      world.probe(region, ['connection refused'])
      world.restart()
      world.probe(region, ['connection refused'])
    }
    expect(world.health).toBe('unhealthy')
    for (const region of ALL) {
      world.restart()
      world.probe(region, ['ok'])
      world.restart()
      world.probe(region, ['ok'])
    }
    expect(world.health).toBe('healthy')
  })

  it('still has the votes of all, so that one region alone decides nothing', () => {
    const world = new HealthWorld()
    world.probeAll(ALL, ['ok'])
    world.restart()
    world.probe('weur', refused)
    expect(world.health).toBe('degraded')
  })

  it('before each report does not hear from a silent prober any longer than otherwise', () => {
    const world = new HealthWorld()
    world.probeAll(ALL, ['ok'])
    for (let round = 0; round < 3; round += 1) {
      world.wait(30_000)
      world.restart()
      world.probe('wnam', ['ok'])
      world.restart()
      world.probe('weur', ['ok'])
    }
    world.wait(1)
    expect(world.evidence).toBe('2 of 2 regions up, no vote of apac: no result for 90 s')
  })

  it('tells again what nobody is known to have heard', () => {
    const world = new HealthWorld()
    world.isHeard = false
    world.probeAll(ALL, refused)
    world.isHeard = true
    world.restart()
    expect(world.told.map(({ health }) => health)).toEqual(['unhealthy'])
    world.restart()
    expect(world.told).toHaveLength(1)
  })

  it('keeps a hold-down, a flap, and how long it has seen nothing', () => {
    const monitors = [monitorPlanOf({ regions: ['weur'], fall: 1, rise: 1 })]
    const world = new HealthWorld({ monitors })
    for (const word of ['ok', 'x', 'ok', 'x', 'ok']) {
      world.probe('weur', [word])
      world.restart()
    }
    world.wait(59_999)
    world.restart()
    expect(world.health).toBe('unhealthy')
    world.wait(1)
    expect(world.health).toBe('healthy')
    world.wait(300_000)
    world.restart()
    world.wait(390_003)
    expect(world.health).toBe('unknown')
  })

  it('keeps slow regions slow', () => {
    const monitors = [monitorPlanOf({ degradedAboveMs: 1 })]
    const world = new HealthWorld({ monitors })
    const quick = Array.from({ length: 5 }, () => resultOf({ latencyMs: 1 }))
    for (const region of ALL) world.probe(region, quick)
    world.probeAll(ALL, ['ok', 'ok', 'ok'])
    expect(world.health).toBe('degraded')
    world.restart()
    expect(world.health).toBe('degraded')
  })

  it('keeps counts of traffic while somebody goes by them, and drops them afterwards', () => {
    const world = new HealthWorld()
    world.pass({ requests: 7 })
    world.restart()
    expect(world.state.traffic.parts).toEqual([])
    world.dispatch({ type: 'measured' })
    const sinceMs = world.nowMs
    for (let second = 0; second < 30; second += 1) {
      world.wait(1000)
      world.pass({ requests: 7 })
      world.restart()
    }
    expect(world.state.traffic.parts).toHaveLength(30)
    expect(world.state.traffic.sinceMs).toBe(sinceMs)
    world.wait(900_001)
    world.pass({ requests: 7 })
    expect(world.state.storedParts).toEqual({})
  })
})

describe('what is stored', () => {
  it('is nothing for results that confirm what is known, but for a sign of life now and then', () => {
    const world = new HealthWorld()
    world.probeAll(ALL, ['ok'])
    const [rows, alarms] = [world.rows, world.alarms]
    // An hour of reports every 30 s.
    for (let round = 0; round < 120; round += 1) {
      world.wait(30_000)
      world.probeAll(ALL, ['ok', 'ok', 'ok', 'ok', 'ok', 'ok'])
    }
    expect(world.rows - rows).toBeLessThanOrEqual(120)
    expect(world.alarms - alarms).toBeLessThanOrEqual(60)
    expect(world.told).toHaveLength(2)
  })

  it('is nothing for traffic that nobody asks for', () => {
    const world = new HealthWorld()
    world.probeAll(ALL, ['ok'])
    const { rows } = world
    for (let at = 0; at < 1000; at += 1) world.pass({ isolate: `i${at % 50}`, failures: at % 2 })
    expect(world.rows - rows).toBe(0)
  })

  it('stays small, whatever comes', () => {
    const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
    const regions = [
      ...ALL,
      'enam',
      'sam',
      'eeur',
      'apac-ne',
      'apac-se',
      'oc',
      'afr',
      'me',
    ] as const
    const monitors = ids.map((id) => monitorPlanOf({ id, regions: [...regions] }))
    const world = new HealthWorld({ monitors: [...monitors, ...monitors] })
    const detail = 'x'.repeat(200)
    const results = ids.flatMap((monitor) =>
      Array.from({ length: 8 }, () => ({ monitor, atMs: 0, ok: false, latencyMs: 1e9, detail })),
    )
    for (const region of regions) world.probe(region, results)
    expect(world.state.plans.plan.monitors).toHaveLength(8)
    expect(JSON.stringify(world.stored).length).toBeLessThan(100_000)
    expect(world.evidence.length).toBeLessThanOrEqual(1024)
  })
})
