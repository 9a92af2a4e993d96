import { describe, expect, it } from 'vitest'
import type { MonitorRole } from '../../../src/schema/monitor.ts'
import { monitorPlanOf, resultOf } from '../../support/health.ts'
import { HealthWorld } from '../../support/health-world.ts'

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

  it('count failures in a row, which a success breaks', () => {
    const world = new HealthWorld()
    world.probe('weur', ['ok', 'x', 'x', 'ok', 'x', 'x'])
    expect(world.health).toBe('healthy')
    world.probe('weur', ['x', 'ok', 'x'])
    expect(world.health).toBe('unhealthy')
    expect(world.evidence).toContain('1 of 1 region, 1 in a row: x')
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

describe('a region that cannot judge', () => {
  it('has no vote while it is blind, and what it sees then is not counted', () => {
    const world = new HealthWorld()
    world.probeAll(ALL, ['ok'])
    world.probe('weur', refused)
    world.probe('apac', refused, { isBlind: true })
    expect(world.health).toBe('degraded')
    expect(world.evidence).toBe(
      '1 of 2 regions, 3 in a row: connection refused, no vote of apac: its own network is out',
    )
    world.probe('apac', ['ok'])
    expect(world.evidence).toBe('1 of 3 regions, 3 in a row: connection refused')
  })

  it('leaves the vote to the others, even to one alone', () => {
    const world = new HealthWorld()
    world.probeAll(ALL, ['ok'])
    world.probe('weur', [], { isBlind: true })
    world.probe('apac', [], { isBlind: true })
    expect(world.health).toBe('healthy')
    world.probe('wnam', refused)
    expect(world.health).toBe('unhealthy')
  })

  it('is silent for three probes and the time for which results are gathered, and then void', () => {
    const world = new HealthWorld()
    world.probeAll(ALL, ['ok'])
    world.wait(60_000)
    world.probeAll(['wnam', 'weur'], ['ok'])
    world.wait(30_000)
    expect(world.evidence).toBe('3 of 3 regions up')
    world.wait(1)
    expect(world.evidence).toBe('2 of 2 regions up, no vote of apac: no result for 90 s')
    world.probe('weur', refused)
    expect(world.health).toBe('degraded')
    world.wait(59_998)
    expect(world.health).toBe('degraded')
    // The one that is up falls silent as well.
    world.wait(2)
    world.probe('weur', refused)
    expect(world.health).toBe('unhealthy')
  })

  it('votes by the clock of the object, whatever that of its prober says', () => {
    const world = new HealthWorld()
    for (const atMs of [0, 4e12, -5]) {
      world.probe('weur', [{ monitor: 'web', atMs, ok: true, latencyMs: 1, detail: '' }])
      expect(world.health).toBe('healthy')
    }
  })
})

describe('a report', () => {
  it('that comes twice or late changes nothing at all', () => {
    const world = new HealthWorld()
    world.probe('weur', ['ok'], { sequence: 7 })
    const before = world.state
    world.probe('weur', refused, { sequence: 7 })
    world.probe('weur', refused, { sequence: 3 })
    expect(world.state).toBe(before)
  })

  it('of a prober that lost its numbers counts once the region has been silent', () => {
    const world = new HealthWorld()
    world.probe('weur', ['ok'], { sequence: 1000 })
    world.wait(90_001)
    world.probe('weur', refused, { sequence: 1 })
    expect(world.health).toBe('unhealthy')
  })

  it('of a prober that another one has taken over from does not count', () => {
    const world = new HealthWorld()
    world.probe('weur', ['ok'], { prober: 'weur', sequence: 50 })
    const plan = { ...world.plan, revision: 2 }
    world.probe('weur', ['ok'], { prober: 'weur.1', sequence: 1, plan })
    const before = world.state
    world.probe('weur', refused, { prober: 'weur', sequence: 51 })
    expect(world.state).toBe(before)
    world.probe('weur', refused, { prober: 'weur.1', sequence: 2, plan })
    expect(world.health).toBe('unhealthy')
  })

  it('of what the plan does not name is not counted', () => {
    const world = new HealthWorld()
    world.probe('me', refused)
    world.probe('weur', [{ monitor: 'db', atMs: 0, ok: false, latencyMs: 1, detail: 'x' }])
    expect(world.health).toBe('unknown')
  })
})

describe('a new plan', () => {
  it('forgets what it does not name, and asks what it names newly', () => {
    const world = new HealthWorld()
    world.probeAll(ALL, ['ok'])
    world.probeAll(['weur', 'apac'], refused)
    expect(world.health).toBe('unhealthy')
    const monitors = [monitorPlanOf({ regions: ['wnam', 'oc', 'me'] })]
    world.plan = { ...world.plan, revision: 2, monitors }
    world.probe('wnam', ['ok'])
    expect(world.health).toBe('healthy')
    expect(Object.keys(world.state.regions)).toEqual(['wnam'])
  })

  it('with another monitor wants as many successes as any, of an origin that is down', () => {
    const world = new HealthWorld()
    world.probeAll(ALL, refused)
    world.plan = { ...world.plan, revision: 2, monitors: [monitorPlanOf({ id: 'deep' })] }
    const ok = { monitor: 'deep', atMs: 0, ok: true, latencyMs: 1, detail: '' }
    for (const region of ALL) world.probe(region, [ok])
    expect(world.health).toBe('unhealthy')
    for (const region of ALL) world.probe(region, [ok])
    expect(world.health).toBe('healthy')
  })

  it('of an earlier revision is not taken while somebody goes by the later one', () => {
    const world = new HealthWorld({ revision: 9 })
    const old = { ...world.plan, revision: 8, monitors: [monitorPlanOf({ fall: 1 })] }
    world.probe('weur', ['ok'])
    world.probe('apac', refused.slice(2), { plan: old })
    expect(world.state.plans.plan.revision).toBe(9)
    expect(world.health).toBe('healthy')
    // Nobody has gone by it for ten minutes: the numbers of the deployment began anew.
    world.wait(600_001)
    world.probe('apac', refused.slice(2), { plan: { ...old, revision: 1 } })
    expect(world.state.plans.plan.revision).toBe(1)
    expect(world.health).toBe('degraded')
  })

  it('makes what is known be told again, as the listener may have forgotten the origin', () => {
    const world = new HealthWorld()
    world.probeAll(ALL, refused)
    expect(world.told).toHaveLength(1)
    world.plan = { ...world.plan, revision: 2 }
    world.probe('weur', [refused[0] ?? ''])
    expect(world.told).toHaveLength(2)
    expect(world.told[1]).toEqual(world.told[0])
  })
})

const roles = (role: MonitorRole, ids: readonly string[]) =>
  ids.map((id) => monitorPlanOf({ id, role, fall: 1, rise: 1, regions: ['weur'] }))

function see(monitors: ReturnType<typeof roles>, failing: readonly string[]): HealthWorld {
  const world = new HealthWorld({ monitors })
  const results = monitors.map(({ id }) => ({
    monitor: id,
    atMs: 0,
    ok: !failing.includes(id),
    latencyMs: 5,
    detail: failing.includes(id) ? 'status 503, expected 2xx' : '',
  }))
  world.probe('weur', results)
  return world
}

describe('several monitors', () => {
  it('are unhealthy when a required one is down', () => {
    const world = see([...roles('required', ['a', 'b']), ...roles('quorum', ['c'])], ['b'])
    expect(world.health).toBe('unhealthy')
    expect(world.evidence).toBe(
      'a: 1 of 1 region up; b: 1 of 1 region, 1 in a row: status 503, expected 2xx; ' +
        'c (quorum): 1 of 1 region up',
    )
  })

  it('are unhealthy when more than half of a quorum is down, and degraded before', () => {
    const quorum = roles('quorum', ['a', 'b', 'c', 'd'])
    expect(see(quorum, []).health).toBe('healthy')
    expect(see(quorum, ['a']).health).toBe('degraded')
    expect(see(quorum, ['a', 'b']).health).toBe('degraded')
    expect(see(quorum, ['a', 'b', 'c']).health).toBe('unhealthy')
  })

  it('only report when that is their role', () => {
    const world = see([...roles('required', ['a']), ...roles('report-only', ['b'])], ['b'])
    expect(world.health).toBe('healthy')
    expect(world.evidence).toContain('b (report-only): 1 of 1 region, 1 in a row: status 503')
    expect(see(roles('report-only', ['b']), ['b']).health).toBe('unknown')
  })
})

it('most successes being slow is degraded', () => {
  const monitors = [monitorPlanOf({ degradedAboveMs: 30, regions: ['weur'] })]
  const world = new HealthWorld({ monitors })
  const succeed = (...latencies: number[]) =>
    world.probe(
      'weur',
      latencies.map((latencyMs) => resultOf({ latencyMs })),
    )
  succeed(30, 30, 31)
  expect(world.health).toBe('healthy')
  succeed(31, 31)
  expect(world.health).toBe('degraded')
  expect(world.evidence).toBe('1 of 1 region up, 3 of the last 5 successes slow')
})

describe('probers are asked to look', () => {
  it('when a region begins to fail, but not by the region itself and not all the time', () => {
    const world = new HealthWorld()
    world.probeAll(ALL, ['ok'])
    world.probe('weur', ['timeout after 2000 ms'])
    expect(world.urges).toEqual([['wnam', 'apac']])
    world.probe('weur', ['timeout after 2000 ms'])
    world.probe('apac', ['timeout after 2000 ms'])
    expect(world.urges).toHaveLength(1)
  })

  it('again when it fails again later, and not while it simply stays down', () => {
    const world = new HealthWorld()
    world.probeAll(ALL, ['ok'])
    for (let round = 0; round < 10; round += 1) {
      world.probe('weur', ['x'])
      world.wait(6000)
    }
    expect(world.urges).toHaveLength(1)
    world.probe('weur', ['ok', 'ok'])
    world.probe('weur', ['x'])
    expect(world.urges).toHaveLength(2)
  })
})
