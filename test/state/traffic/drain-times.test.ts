import { describe, expect, it } from 'vitest'
import type { AuthoredConfig } from '../../../src/schema/config.ts'
import { trafficIn } from '../../../src/state/control/state.ts'
import { toOriginView, toPoolView } from '../../../src/state/traffic/view.ts'
import { World } from './world.ts'

const MINUTE_MS = 60_000
const config = {
  ramps: { gentle: { dwell: '1m', steps: [50, 100], gate: { minSamples: 10 } } },
  pools: {
    us: {
      recovery: 'gentle',
      drainTimeout: '10m',
      origins: {
        'us-1': { url: 'https://us-1.example.com' },
        'us-2': { url: 'https://us-2.example.com' },
      },
    },
    eu: { origins: { 'eu-1': { url: 'https://eu-1.example.com' } } },
  },
  routes: { all: { steer: { policy: 'weighted', weights: { us: 50, eu: 50 } } } },
} satisfies AuthoredConfig

const drained = {
  ...config,
  pools: {
    ...config.pools,
    us: {
      ...config.pools.us,
      origins: {
        ...config.pools.us.origins,
        'us-1': { ...config.pools.us.origins['us-1'], state: 'drain' },
      },
    },
  },
} satisfies AuthoredConfig

const conditionOf = (world: World, origin = 'us-1') => world.state.conditions.origins[origin]

function timesFrom(fromMs: number, lengthMs = 10 * MINUTE_MS) {
  return { drainFromMs: fromMs, drainUntilMs: fromMs + lengthMs }
}

describe('the time of a drain', () => {
  it('begins when an operator says so, and is as long as the pool says', () => {
    const world = new World(config)
    world.pass(MINUTE_MS)
    world.set('origin:us-1', 'drain')
    const times = timesFrom(world.nowMs)
    expect(conditionOf(world)).toMatchObject({ state: 'drain', ...times })
    const drain = { fromMs: times.drainFromMs, untilMs: times.drainUntilMs }
    expect(toOriginView(trafficIn(world.state), 'us-1', world.nowMs)).toMatchObject({ drain })
  })

  it('begins with a window that was planned', () => {
    const world = new World(config)
    const fromMs = world.nowMs + MINUTE_MS
    world.set('pool:us', 'drain', { fromMs, untilMs: fromMs + MINUTE_MS, override: true })
    expect(world.state.conditions.pools).toEqual({})
    world.pass(MINUTE_MS)
    expect(world.state.conditions.pools['us']).toMatchObject(timesFrom(fromMs))
    const drain = { fromMs, untilMs: fromMs + 10 * MINUTE_MS }
    expect(toPoolView(trafficIn(world.state), 'us', world.nowMs)).toMatchObject({ drain })
    world.pass(MINUTE_MS)
    expect(world.state.drains).toEqual({})
  })

  it('begins at the end of its steps', () => {
    const world = new World(config)
    world.set('origin:us-1', 'drain', { ramp: 'gentle' })
    expect(conditionOf(world)).toMatchObject({ sharePercent: 50 })
    expect(conditionOf(world)).not.toHaveProperty('drainUntilMs')
    world.pass(3 * MINUTE_MS)
    expect(world.state.ramps['origin:us-1']?.phase).toBe('done')
    const { sinceMs = 0 } = world.state.ramps['origin:us-1'] ?? {}
    expect(conditionOf(world)).toMatchObject({ state: 'drain', ...timesFrom(sinceMs) })
  })

  it('begins with the configuration that says so, and ends with the next', () => {
    const world = new World(config)
    world.put(drained)
    expect(conditionOf(world)).toMatchObject({ state: 'drain', ...timesFrom(world.nowMs) })
    world.pass(MINUTE_MS)
    world.put(config)
    expect(world.state.drains).toEqual({})
  })

  it('stays what it is when it is said again, and when a process ends', () => {
    const world = new World(config)
    world.put(drained)
    const before = conditionOf(world)
    const { generation } = world.state.log
    world.pass(MINUTE_MS)
    world.set('origin:us-1', 'drain')
    world.crash()
    world.put({ ...drained, settings: { name: 'other' } })
    expect(conditionOf(world)).toEqual(before)
    world.crash()
    expect(conditionOf(world)).toEqual(before)
    expect(world.state.log.generation).toBe(generation + 1)
  })

  it('is longer from its beginning when a revision says so', () => {
    const world = new World(config)
    world.set('origin:us-1', 'drain')
    const fromMs = world.nowMs
    world.pass(MINUTE_MS)
    const us = { ...config.pools.us, drainTimeout: '30m' }
    world.put({ ...config, pools: { ...config.pools, us } })
    expect(conditionOf(world)).toMatchObject(timesFrom(fromMs, 30 * MINUTE_MS))
  })

  it('is never longer than it should be when the clock has gone back', () => {
    const world = new World(config)
    world.set('origin:us-1', 'drain')
    world.nowMs -= 86_400_000
    world.dispatch({ type: 'wake' })
    expect(conditionOf(world)).toMatchObject(timesFrom(world.nowMs))
  })

  it('is none in maintenance', () => {
    const world = new World(config)
    world.set('origin:us-1', 'drain')
    world.set('origin:us-1', 'maintenance')
    expect(conditionOf(world)).toMatchObject({ state: 'maintenance' })
    expect(conditionOf(world)).not.toHaveProperty('drainUntilMs')
  })
})

describe('what comes back', () => {
  it('takes those that were bound before as its share lets, from each attempt anew', () => {
    const world = new World(config)
    world.health('us-1', 'unhealthy')
    world.pass(MINUTE_MS)
    world.health('us-1', 'healthy')
    const firstMs = world.nowMs
    expect(conditionOf(world)).toMatchObject({ sharePercent: 50, keepsSinceMs: firstMs })
    world.pass(MINUTE_MS / 2)
    expect(conditionOf(world)?.keepsSinceMs).toBe(firstMs)
    world.health('us-1', 'unhealthy')
    expect(conditionOf(world)).toMatchObject({ sharePercent: 0 })
    world.health('us-1', 'healthy')
    world.pass(MINUTE_MS)
    expect(conditionOf(world)).toMatchObject({ sharePercent: 50 })
    expect(conditionOf(world)?.keepsSinceMs).toBeGreaterThan(firstMs)
    world.crash()
    expect(conditionOf(world)?.keepsSinceMs).toBeGreaterThan(firstMs)
  })

  it('keeps those that never left it when a drain is called off in its time', () => {
    const world = new World(config)
    world.set('origin:us-1', 'drain')
    world.pass(9 * MINUTE_MS)
    world.set('origin:us-1', 'ready')
    expect(conditionOf(world)).toMatchObject({ sharePercent: 50 })
    expect(conditionOf(world)).not.toHaveProperty('keepsSinceMs')
  })

  it('keeps nobody any more when it falls after that', () => {
    const world = new World(config)
    world.set('origin:us-1', 'drain')
    world.set('origin:us-1', 'ready')
    world.pass(MINUTE_MS / 2)
    world.health('us-1', 'unhealthy')
    expect(conditionOf(world)).toMatchObject({ sharePercent: 0, keepsSinceMs: world.nowMs })
  })

  it('takes them as its share lets when the time of the drain was over', () => {
    const world = new World(config)
    world.set('origin:us-1', 'drain')
    world.pass(10 * MINUTE_MS)
    world.set('origin:us-1', 'ready')
    expect(conditionOf(world)).toMatchObject({ sharePercent: 50, keepsSinceMs: world.nowMs })
  })

  it('keeps those of a drain on its way by steps', () => {
    const world = new World(config)
    world.set('origin:us-1', 'drain', { ramp: 'gentle' })
    expect(conditionOf(world)).toMatchObject({ sharePercent: 50 })
    world.pass(MINUTE_MS / 2)
    world.set('origin:us-1', 'ready')
    expect(conditionOf(world)).toMatchObject({ sharePercent: 50 })
    expect(conditionOf(world)).not.toHaveProperty('keepsSinceMs')
  })
})
