import { describe, expect, it } from 'vitest'
import { World } from './world.ts'

const config = {
  ramps: { gentle: { dwell: '1m', gate: { minSamples: 10 } } },
  pools: {
    us: {
      recovery: 'gentle',
      origins: {
        'us-1': { url: 'https://us-1.example.com' },
        'us-2': { url: 'https://us-2.example.com' },
      },
    },
    eu: { recovery: 'gentle', origins: { 'eu-1': { url: 'https://eu-1.example.com' } } },
  },
  routes: { all: { steer: { policy: 'weighted', weights: { us: 50, eu: 50 } } } },
} as const

/** The shares that something has over time, looked at every second. */
function sharesOver(world: World, ms: number, look: (world: World) => number): number[] {
  const seen: number[] = []
  for (let passed = 0; passed < ms; passed += 1000) {
    const share = look(world)
    if (seen.at(-1) !== share) seen.push(share)
    world.pass(1000)
  }
  return seen
}

const shareOfOrigin = (id: string) => (world: World) =>
  world.state.conditions.origins[id]?.sharePercent ?? 100
const shareOfPool = (id: string) => (world: World) =>
  world.state.conditions.pools[id]?.sharePercent ?? 100

describe('an origin', () => {
  it('that is unhealthy is so for the edges at once, with evidence', () => {
    const world = new World(config)
    world.health('us-1', 'unhealthy', '2 of 3 regions: connection refused')
    expect(world.state.conditions.origins['us-1']).toMatchObject({
      health: 'unhealthy',
      evidence: '2 of 3 regions: connection refused',
    })
    expect(world.state.log.generation).toBe(2)
  })

  it('that is well again comes back by steps, each with its dwell', () => {
    const world = new World(config)
    world.health('us-1', 'unhealthy')
    world.pass(30_000)
    world.health('us-1', 'healthy')
    const shares = sharesOver(world, 400_000, shareOfOrigin('us-1'))
    expect(shares).toEqual([10, 25, 50, 75, 100])
    expect(world.state.ramps['origin:us-1']?.phase).toBe('done')
    expect(world.state.conditions.origins).toEqual({})
  })

  it('is on its way for the edges until its last step is measured', () => {
    const world = new World(config)
    world.health('us-1', 'unhealthy')
    world.health('us-1', 'healthy')
    const stepAt100 = () => {
      const { phase, percent } = world.state.ramps['origin:us-1'] ?? {}
      return phase === 'stepping' && percent === 100
    }
    while (!stepAt100()) world.pass(1000)
    const { attempt } = world.state.conditions.origins['us-1'] ?? {}
    expect(attempt).toBeDefined()
    let heldMs = 0
    for (; stepAt100(); heldMs += 1000) {
      expect(world.state.conditions.origins['us-1']).toMatchObject({ sharePercent: 100, attempt })
      world.pass(1000)
    }
    expect(heldMs).toBeGreaterThan(10_000)
    expect(world.state.conditions.origins).toEqual({})
  })

  it('that fails by what is measured goes back, and comes again when it does well', () => {
    const world = new World(config)
    world.health('us-1', 'unhealthy')
    world.health('us-1', 'healthy')
    world.pass(130_000)
    expect(shareOfOrigin('us-1')(world)).toBe(50)
    world.does('us-1', { perSecond: 10, failed: 0.05 })
    world.pass(70_000)
    expect(shareOfOrigin('us-1')(world)).toBeLessThan(50)
    world.does('us-1', { perSecond: 10, failed: 0 })
    world.pass(1_800_000)
    expect(world.state.conditions.origins).toEqual({})
  })

  it('that breaks hard goes back to nothing and is held', () => {
    const world = new World(config)
    world.health('us-1', 'unhealthy')
    world.health('us-1', 'healthy')
    world.pass(130_000)
    world.does('us-1', { perSecond: 10, failed: 0.9 })
    world.pass(30_000)
    expect(world.state.ramps['origin:us-1']).toMatchObject({ phase: 'held', percent: 0 })
    expect(world.state.conditions.origins['us-1']).toMatchObject({
      health: 'healthy',
      sharePercent: 0,
    })
  })

  it('that falls on its way back starts again from nothing', () => {
    const world = new World(config)
    world.health('us-1', 'unhealthy')
    world.health('us-1', 'healthy')
    world.pass(130_000)
    world.health('us-1', 'unhealthy')
    expect(world.state.conditions.origins['us-1']).toMatchObject({
      health: 'unhealthy',
      sharePercent: 0,
    })
    world.health('us-1', 'healthy')
    expect(sharesOver(world, 600_000, shareOfOrigin('us-1'))).toEqual([0, 10, 25, 50, 75, 100])
  })

  it('of a pool without a ramp is back at once', () => {
    const { us } = config.pools
    const { recovery: _, ...plain } = us
    const world = new World({ ...config, pools: { ...config.pools, us: plain } })
    world.health('us-1', 'unhealthy')
    world.health('us-1', 'healthy')
    expect(world.state.conditions.origins).toEqual({})
  })

  it('that is well again when its pool has come back as a whole comes by steps of its own', () => {
    const world = new World(config)
    world.health('us-1', 'unhealthy')
    world.health('us-2', 'unhealthy')
    world.health('us-2', 'healthy')
    for (let looks = 0; looks < 400 && shareOfPool('us')(world) < 100; looks += 1) world.pass(1000)
    expect(world.state.ramps['pool:us']?.phase).toBe('stepping')
    world.health('us-1', 'healthy')
    expect(shareOfOrigin('us-1')(world)).toBe(10)
  })

  it('that was never unhealthy comes by no steps', () => {
    const world = new World(config)
    world.health('us-1', 'healthy')
    expect(world.state.ramps).toEqual({})
    expect(world.state.log.generation).toBe(1)
  })
})

describe('a pool', () => {
  it('that lost all its origins comes back as a whole, its origins with their whole share', () => {
    const world = new World(config)
    world.health('us-1', 'unhealthy')
    world.health('us-2', 'unhealthy')
    expect(Object.keys(world.state.down)).toEqual(['us'])
    world.health('us-1', 'healthy')
    world.health('us-2', 'healthy')
    expect(Object.keys(world.state.ramps)).toEqual(['pool:us'])
    expect(world.state.conditions).toMatchObject({
      origins: {},
      pools: { us: { sharePercent: 10 } },
    })
    expect(sharesOver(world, 400_000, shareOfPool('us'))).toEqual([10, 25, 50, 75, 100])
  })

  it('that comes back by steps that only last is on its way until the last of them is over', () => {
    const ramps = { gentle: { dwell: '1m', gate: { minSamples: 0 } } } as const
    const world = new World({ ...config, ramps })
    world.health('us-1', 'unhealthy')
    world.health('us-2', 'unhealthy')
    world.health('us-1', 'healthy')
    while (shareOfPool('us')(world) < 100) world.pass(1000)
    world.pass(50_000)
    expect(world.state.ramps['pool:us']?.phase).toBe('stepping')
    const here = { sharePercent: 100, attempt: expect.any(String) }
    expect(world.state.conditions.pools).toMatchObject({ us: here })
    world.pass(15_000)
    expect(world.state.ramps['pool:us']?.phase).toBe('done')
    expect(world.state.conditions.pools).toEqual({})
  })

  it('that comes back in one step is published no more often for it', () => {
    const eu = { failback: { delay: '30s' }, origins: config.pools.eu.origins }
    const world = new World({ ...config, pools: { ...config.pools, eu } })
    world.health('eu-1', 'unhealthy')
    world.health('eu-1', 'healthy')
    expect(shareOfPool('eu')(world)).toBe(0)
    while (shareOfPool('eu')(world) < 100) world.pass(1000)
    expect(world.state.ramps['pool:eu']?.phase).toBe('stepping')
    const { generation } = world.state.log
    world.pass(60_000)
    expect(world.state.ramps['pool:eu']?.phase).toBe('done')
    expect(world.state.log.generation).toBe(generation)
  })

  it('that is down again on its way back is held', () => {
    const world = new World(config)
    world.health('eu-1', 'unhealthy')
    world.health('eu-1', 'healthy')
    world.pass(70_000)
    expect(shareOfPool('eu')(world)).toBe(25)
    world.health('eu-1', 'unhealthy')
    expect(world.state.ramps['pool:eu']).toMatchObject({ phase: 'held', percent: 0, isWell: false })
    world.pass(600_000)
    expect(shareOfPool('eu')(world)).toBe(0)
    world.health('eu-1', 'healthy')
    expect(sharesOver(world, 400_000, shareOfPool('eu'))).toEqual([10, 25, 50, 75, 100])
  })

  it('with a manual failback waits for an operator, also where it has no ramp', () => {
    const eu = { failback: { mode: 'manual' }, origins: config.pools.eu.origins } as const
    const world = new World({ ...config, pools: { ...config.pools, eu } })
    world.health('eu-1', 'unhealthy')
    world.health('eu-1', 'healthy')
    world.pass(3_600_000)
    expect(world.state.ramps['pool:eu']).toMatchObject({ phase: 'waiting', percent: 0 })
    const command = { type: 'promote' } as const
    const by = { actor: { name: 'ada', from: '' }, reason: '', override: false }
    world.dispatch({ type: 'command', ramp: 'pool:eu', command, ...by })
    world.land()
    world.pass(10_000)
    expect(world.state.conditions.pools).toEqual({})
  })

  it('needs its minimum of usable origins to count as up', () => {
    const us = { ...config.pools.us, minimumOrigins: 2 }
    const world = new World({ ...config, pools: { ...config.pools, us } })
    world.health('us-1', 'unhealthy')
    expect(Object.keys(world.state.down)).toEqual(['us'])
    world.health('us-1', 'degraded')
    expect(world.state.down).toEqual({})
    expect(world.state.conditions.pools['us']?.sharePercent).toBe(10)
  })
})

describe('a report', () => {
  it('that comes twice or late changes nothing', () => {
    const world = new World(config)
    world.health('us-1', 'unhealthy')
    const before = world.state
    const report = { origin: 'us-1', health: 'healthy', evidence: '', sinceMs: 0 } as const
    world.dispatch({ type: 'health', report: { ...report, sequence: 1 } })
    world.dispatch({ type: 'health', report: { ...report, sequence: 0 } })
    expect(world.state).toEqual(before)
  })

  it('of an origin that the configuration does not have changes nothing', () => {
    const world = new World(config)
    const before = world.state
    world.health('xx-1', 'unhealthy')
    expect(world.state).toEqual(before)
  })
})
