import { describe, expect, it } from 'vitest'
import { START, World } from './world.ts'

const config = {
  ramps: { gentle: { dwell: '1m', gate: { minSamples: 10 } } },
  pools: {
    primary: { origins: { p: { url: 'https://p.example.com' } } },
    near: { origins: { n: { url: 'https://n.example.com' } } },
    far: { origins: { f: { url: 'https://f.example.com' } } },
  },
  routes: {
    data: {
      steer: { policy: 'weighted', weights: { near: 50, far: 50 } },
      writes: { pool: 'primary' },
    },
  },
} as const

const writesOff = { type: 'all-off', route: 'data', part: 'writes', usable: 0 }

describe('a route whose writes have a pool of their own', () => {
  it('does not lose it to an operator, unless that is overridden', () => {
    const world = new World(config)
    expect(world.set('pool:primary', 'maintenance')).toMatchObject({
      outcome: 'refused',
      refusals: expect.arrayContaining([writesOff]),
    })
    expect(world.set('pool:primary', 'drain', { override: true })).toMatchObject({
      outcome: 'done',
      overrode: expect.arrayContaining([writesOff]),
    })
  })

  it('does not lose it to the end of what an operator had let serve', () => {
    const primary = { ...config.pools.primary, state: 'maintenance' } as const
    const world = new World({ ...config, pools: { ...config.pools, primary } })
    world.set('pool:primary', 'ready', { untilMs: START + 60_000 })
    world.pass(600_000)
    expect(world.state.conditions.pools['primary']).toMatchObject({ state: 'ready' })
  })

  it('lets go whom only its reads go to, as long as somebody takes those', () => {
    const world = new World(config)
    expect(world.set('pool:near', 'drain')).toMatchObject({ outcome: 'done' })
    expect(world.set('pool:far', 'drain')).toMatchObject({ outcome: 'refused' })
  })

  it('holds a drain of the pool that takes its writes when nobody would take over', () => {
    const both = { p: { url: 'https://p.example.com' }, q: { url: 'https://q.example.com' } }
    const pools = { ...config.pools, primary: { origins: both } }
    const world = new World({ ...config, pools })
    expect(world.set('origin:p', 'drain', { ramp: 'gentle' })).toMatchObject({ outcome: 'done' })
    world.health('q', 'unhealthy')
    expect(world.state.ramps['origin:p']).toMatchObject({
      isWell: false,
      cause: 'nobody is left to take over route data',
    })
  })

  it('does not compare it with those that read', () => {
    const pools = { ...config.pools, primary: { ...config.pools.primary, recovery: 'gentle' } }
    const world = new World({ ...config, pools })
    world.health('p', 'unhealthy')
    world.health('p', 'healthy')
    world.does('p', { perSecond: 10, failed: 0 })
    world.does('n', { perSecond: 10, failed: 0 })
    world.pass(100_000)
    const { subject, peers } = world.state.ramps['pool:primary']?.measured ?? {}
    expect(subject?.requests).toBeGreaterThan(0)
    expect(peers?.requests ?? 0).toBe(0)
  })
})
