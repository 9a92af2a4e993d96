import { describe, expect, it } from 'vitest'
import { World } from './world.ts'

const us1 = { url: 'https://us-1.example.com' }
const us2 = { url: 'https://us-2.example.com' }
const config = {
  ramps: { gentle: { dwell: '1m', gate: { minSamples: 10 } } },
  pools: {
    us: { recovery: 'gentle', origins: { 'us-1': us1, 'us-2': us2 } },
    eu: { recovery: 'gentle', origins: { 'eu-1': { url: 'https://eu-1.example.com' } } },
  },
  routes: { all: { steer: { policy: 'weighted', weights: { us: 50, eu: 50 } } } },
} as const

/** A world in which us-1 is on its way back, at 25 %. */
function ramping(): World {
  const world = new World(config)
  world.health('us-1', 'unhealthy')
  world.health('us-1', 'healthy')
  world.pass(70_000)
  expect(world.state.conditions.origins['us-1']?.sharePercent).toBe(25)
  return world
}

describe('a configuration that comes while a ramp is on its way', () => {
  it('without the origin ends the ramp', () => {
    const world = ramping()
    const us = { ...config.pools.us, origins: { 'us-2': us2 } }
    world.put({ ...config, pools: { ...config.pools, us } })
    expect(world.state.ramps).toEqual({})
    expect(world.state.conditions.origins).toEqual({})
    expect(world.state.origins).not.toHaveProperty('us-1')
  })

  it('without the pool ends the ramp', () => {
    const world = ramping()
    world.put({
      ...config,
      pools: { eu: config.pools.eu },
      routes: { all: { steer: { policy: 'weighted', weights: { eu: 50 } } } },
    })
    expect(world.state.ramps).toEqual({})
    expect(world.state.conditions).toEqual({ origins: {}, pools: {}, routes: {} })
  })

  it('with another ramp leaves it the settings that it began with', () => {
    const world = ramping()
    world.put({ ...config, ramps: { gentle: { dwell: '1h', steps: [1, 100] } } })
    expect(world.state.conditions.origins['us-1']?.sharePercent).toBe(25)
    world.pass(60_000)
    expect(world.state.conditions.origins['us-1']?.sharePercent).toBe(50)
  })

  it('that is gone back on leaves it where it is', () => {
    const world = ramping()
    world.put({ ...config, settings: { name: 'other' } })
    world.put(config)
    expect(world.state.conditions.origins['us-1']?.sharePercent).toBe(25)
    world.pass(300_000)
    expect(world.state.conditions.origins).toEqual({})
  })

  it('with other weights ends a shift of that route, and with the same ones does not', () => {
    const world = new World(config)
    world.shift('all', { us: 1, eu: 9 }, { ramp: 'gentle' })
    world.put({ ...config, settings: { name: 'other' } })
    expect(world.state.ramps['shift:1']?.phase).toBe('stepping')
    const all = { steer: { policy: 'weighted', weights: { us: 3, eu: 1 } } } as const
    world.put({ ...config, routes: { all } })
    expect(world.state.ramps['shift:1']?.phase).toBe('aborted')
    expect(world.state.conditions.routes).toEqual({})
  })
})

describe('a configuration', () => {
  it('that lets a pool serve again brings it back by steps', () => {
    const us = { ...config.pools.us, state: 'maintenance' } as const
    const world = new World({ ...config, pools: { ...config.pools, us } })
    world.put(config)
    expect(world.state.conditions.pools['us']).toMatchObject({ sharePercent: 10 })
    world.pass(600_000)
    expect(world.state.conditions.pools).toEqual({})
  })

  it('forgets what was said of what it does not have', () => {
    const world = new World(config)
    world.set('origin:us-1', 'maintenance')
    const us = { ...config.pools.us, origins: { 'us-2': us2 } }
    world.put({ ...config, pools: { ...config.pools, us } })
    world.put(config)
    expect(world.state.overrides).toEqual({})
    expect(world.state.conditions.origins).toEqual({})
  })
})

describe('a process that ends', () => {
  it('leaves ramps, states and confirmations where they were, and gives out no generation', () => {
    const world = ramping()
    world.set('pool:eu', 'maintenance', { confirmWithinMs: 600_000 })
    const { conditions, log, ramps, overrides, confirmations } = world.state
    world.crash()
    expect(world.state).toMatchObject({ conditions, ramps, overrides, confirmations })
    expect(world.state.log.generation).toBe(log.generation)
  })

  it('makes up for what became due while there was none', () => {
    const world = new World(config)
    world.set('origin:us-1', 'maintenance', { untilMs: world.nowMs + 60_000 })
    world.nowMs += 3_600_000
    world.crash()
    expect(world.state.overrides).toEqual({})
    expect(world.state.conditions.origins['us-1']).toMatchObject({ sharePercent: 10 })
  })
})
