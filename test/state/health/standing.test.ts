import { describe, expect, it } from 'vitest'
import { monitorPlanOf } from '../../support/health.ts'
import { HealthWorld } from '../../support/health-world.ts'

/** One region whose word is the verdict. */
function single(): HealthWorld {
  return new HealthWorld({ monitors: [monitorPlanOf({ regions: ['weur'], fall: 1, rise: 1 })] })
}

const down = (world: HealthWorld) => world.probe('weur', ['connection refused'])
const up = (world: HealthWorld) => world.probe('weur', ['ok'])

/** Time passes while the region says the same every 5 s. */
function stay(world: HealthWorld, say: (world: HealthWorld) => void, ms: number): void {
  for (let passed = 0; passed < ms; passed += 5000) {
    world.wait(5000)
    say(world)
  }
}

describe('an origin that falls', () => {
  it('for the first time is back as soon as it is well', () => {
    const world = single()
    up(world)
    down(world)
    up(world)
    expect(world.told.map(({ health }) => health)).toEqual(['healthy', 'unhealthy', 'healthy'])
  })

  it('again and again stays out twice as long each time, however well it looks, for 30 min at most', () => {
    const world = single()
    up(world)
    const held: number[] = []
    for (let flap = 0; flap < 8; flap += 1) {
      down(world)
      const fellAtMs = world.nowMs
      while (world.health !== 'healthy') stay(world, up, 5000)
      held.push(Math.round((world.nowMs - fellAtMs) / 1000))
      world.wait(1000)
    }
    // The first time: until the next probe.
    expect(held).toEqual([5, 60, 120, 240, 480, 960, 1800, 1800])
  })

  it('says that it is held, for how long, and until when', () => {
    const world = single()
    up(world)
    down(world)
    up(world)
    world.wait(1000)
    down(world)
    const fellAtMs = world.nowMs
    expect(world.told.at(-1)).toMatchObject({
      health: 'unhealthy',
      evidence: '1 of 1 region, 1 in a row: connection refused',
      holdsUntilMs: fellAtMs + 60_000,
    })
    stay(world, up, 40_000)
    expect(world.told.at(-1)).toMatchObject({
      health: 'unhealthy',
      evidence: 'held down for 60 s from its fall, flap 1; 1 of 1 region up',
      sinceMs: fellAtMs,
    })
    stay(world, up, 20_000)
    expect(world.health).toBe('healthy')
    expect(world.nowMs).toBe(fellAtMs + 60_000)
  })

  it('after a quiet time is forgiven', () => {
    const world = single()
    up(world)
    down(world)
    up(world)
    stay(world, up, 600_000)
    down(world)
    up(world)
    expect(world.health).toBe('healthy')
    expect(world.state.standing.hold.flaps).toBe(0)
  })

  it('is let out by the alarm at the end of its hold-down', () => {
    const world = single()
    for (const say of [up, down, up, down, up]) say(world)
    expect(world.health).toBe('unhealthy')
    world.wait(60_000)
    expect(world.health).toBe('healthy')
  })
})

describe('an origin of which nothing is seen any more', () => {
  it.each([
    ['healthy', up],
    ['unhealthy', down],
  ] as const)('stays %s for ten minutes, and is then unknown', (health, say) => {
    const world = single()
    say(world)
    world.wait(90_001 + 599_999)
    expect(world.health).toBe(health)
    expect(world.evidence).toMatch(
      /^no region has a vote, no vote of weur: no result for \d+ s; nothing seen: what was known holds for 10 min at most$/,
    )
    world.wait(1)
    expect(world.health).toBe('unknown')
    expect(world.told.at(-1)).toMatchObject({ health: 'unknown', sinceMs: world.nowMs })
    // And then nothing rings any more.
    const { alarms } = world
    world.wait(86_400_000)
    expect(world.alarms - alarms).toBeLessThanOrEqual(1)
  })

  it('keeps its health when all probers vanish, one shortly after the other', () => {
    const world = new HealthWorld()
    world.probe('wnam', ['ok'])
    world.wait(10_000)
    world.probe('apac', ['ok'])
    world.wait(10_000)
    world.probe('weur', ['x', 'x', 'x'])
    expect(world.health).toBe('degraded')
    world.wait(600_000)
    expect(world.told.map(({ health }) => health)).toEqual(['healthy', 'degraded', 'degraded'])
    world.wait(120_000)
    expect(world.health).toBe('unknown')
  })

  it('is told with how long it holds', () => {
    const world = single()
    up(world)
    world.wait(90_001)
    expect(world.told.at(-1)).toMatchObject({
      health: 'healthy',
      holdsUntilMs: world.nowMs + 600_000,
    })
  })

  it('because every region is blind is treated the same', () => {
    const world = new HealthWorld()
    const regions = ['wnam', 'weur', 'apac'] as const
    world.probeAll(regions, ['ok'])
    const blind = () => {
      for (const region of regions) world.probe(region, ['network lost'], { isBlind: true })
    }
    for (let round = 0; round < 59; round += 1) {
      blind()
      world.wait(10_000)
    }
    expect(world.health).toBe('healthy')
    for (let round = 0; round < 2; round += 1) {
      blind()
      world.wait(10_000)
    }
    expect(world.health).toBe('unknown')
    world.probe('weur', ['ok'])
    expect(world.health).toBe('healthy')
  })
})

describe('what is told', () => {
  it('is told once when it is heard', () => {
    const world = single()
    up(world)
    stay(world, up, 3_600_000)
    expect(world.told).toHaveLength(1)
  })

  it('is told after 1, 2, 4 … 30 s and then once a minute until it is heard', () => {
    const world = single()
    world.isHeard = false
    const triedAtMs: number[] = []
    const dispatch = world.dispatch.bind(world)
    world.dispatch = (event) => {
      const effects = dispatch(event)
      if (effects.some(({ type }) => type === 'tell')) triedAtMs.push(world.nowMs)
      return effects
    }
    down(world)
    stay(world, down, 300_000)
    const pauses = triedAtMs.slice(1).map((atMs, at) => (atMs - (triedAtMs[at] ?? 0)) / 1000)
    expect(pauses).toEqual([1, 2, 4, 8, 16, 30, 60, 60, 60])
    world.isHeard = true
    world.wait(60_000)
    expect(world.told).toHaveLength(1)
  })

  it('is the newest health only, and at once, whatever is under way', () => {
    const world = single()
    world.isHeard = false
    down(world)
    world.wait(500)
    world.isHeard = true
    up(world)
    expect(world.told.map(({ health }) => health)).toEqual(['healthy'])
    world.wait(600_000)
    expect(world.told.map(({ health }) => health)).not.toContain('unhealthy')
  })

  it('is told again now and then while it is not well', () => {
    const world = single()
    down(world)
    stay(world, down, 3_600_000)
    expect(world.told).toHaveLength(1 + 6)
    expect(new Set(world.told.map(({ sequence }) => sequence)).size).toBe(1)
  })

  it('has newer evidence at most every 30 s, and none when only numbers differ', () => {
    const world = new HealthWorld()
    for (let round = 0; round < 60; round += 1) {
      world.wait(1000)
      world.probe('wnam', ['x'])
      world.probe('weur', round % 2 === 0 ? ['x', 'x', 'x'] : ['ok', 'ok'])
      world.probe('apac', ['x'])
    }
    expect(world.health).toBe('unhealthy')
    expect(world.told.length).toBeLessThanOrEqual(4)
  })

  it('rises in its number over any restart, and even over the loss of all that was stored', () => {
    const world = single()
    up(world)
    const [first] = world.told
    world.wait(5000)
    const other = single()
    other.nowMs = world.nowMs
    down(other)
    expect(other.told[0]?.sequence).toBeGreaterThan(first?.sequence ?? Infinity)
  })
})
