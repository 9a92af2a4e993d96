import { describe, expect, it } from 'vitest'
import type { AuthoredConfig } from '../../../src/schema/config.ts'
import { CONFIG_LIMITS } from '../../../src/schema/config-limits.ts'
import { trafficIn } from '../../../src/state/control/state.ts'
import { toPublished } from '../../../src/state/traffic/leaving.ts'
import { toOriginView, toPoolView } from '../../../src/state/traffic/view.ts'
import { entryOf, World } from './world.ts'

const MINUTE_MS = 60_000
const us1 = { url: 'https://us-1.example.com', weight: 3, headers: { 'x-site': 'us' } }
const us2 = { url: 'https://us-2.example.com' }
const us = { recovery: 'gentle', drainTimeout: '10m', drainRemoved: true } as const
const config = {
  ramps: { gentle: { dwell: '1m', steps: [50, 100], gate: { minSamples: 10 } } },
  pools: {
    us: { ...us, origins: { 'us-1': us1, 'us-2': us2 } },
    eu: { origins: { 'eu-1': { url: 'https://eu-1.example.com' } } },
  },
  routes: { all: { steer: { policy: 'weighted', weights: { us: 50, eu: 50 } } } },
} satisfies AuthoredConfig
const smaller = {
  ...config,
  pools: { ...config.pools, us: { ...us, origins: { 'us-2': us2 } } },
} satisfies AuthoredConfig

/** What edges are given now. */
function published(world: World) {
  const { config: canonical } = entryOf(world.authored())
  return toPublished(canonical, world.state.leaving)
}

function remove(world = new World(config)): World {
  world.pass(MINUTE_MS)
  world.put(smaller)
  return world
}

describe('an origin that a revision removes', () => {
  it('stays with the edges as it was, draining, until the time of its pool is over', () => {
    const world = remove()
    const fromMs = world.nowMs
    expect(published(world).pools['us']?.origins).toMatchObject({
      'us-1': { ...us1, state: 'drain' },
      'us-2': us2,
    })
    expect(world.state.conditions.origins['us-1']).toMatchObject({
      state: 'drain',
      drainFromMs: fromMs,
      drainUntilMs: fromMs + 10 * MINUTE_MS,
    })
    world.pass(10 * MINUTE_MS - 1)
    expect(Object.keys(world.state.leaving)).toEqual(['us-1'])
    const { generation } = world.state.log
    world.pass(1)
    expect(world.state).toMatchObject({ leaving: {}, leavingSince: '', drains: {}, origins: {} })
    expect(world.state.conditions.origins).toEqual({})
    expect(published(world)).toEqual(entryOf(smaller).config)
    expect(world.state.log.generation).toBe(generation + 1)
  })

  it('is shown as what it is', () => {
    const world = remove()
    const traffic = trafficIn(world.state)
    const drain = { fromMs: world.nowMs, untilMs: world.nowMs + 10 * MINUTE_MS }
    expect(toOriginView(traffic, 'us-1', world.nowMs)).toMatchObject({
      state: 'drain',
      isRemoved: true,
      drain,
    })
    expect(toPoolView(traffic, 'us', world.nowMs)).toMatchObject({
      origins: ['us-2'],
      leaving: ['us-1'],
      usable: 1,
    })
  })

  it('goes at once where its pool does not say that it drains, or is removed with it', () => {
    const plain = { ...us, drainRemoved: false }
    const world = new World(config)
    world.put({
      ...smaller,
      pools: { ...smaller.pools, us: { ...plain, origins: { 'us-2': us2 } } },
    })
    expect(world.state.leaving).toEqual({})
    const other = new World(config)
    other.put({
      ...config,
      pools: { eu: config.pools.eu },
      routes: { all: { steer: { policy: 'failover', pools: ['eu'] } } },
    })
    expect(other.state.leaving).toEqual({})
  })

  it('comes back by steps, and keeps its clients, when a revision has it again', () => {
    const world = remove()
    world.pass(MINUTE_MS)
    world.put(config)
    expect(world.state.leaving).toEqual({})
    expect(published(world)).toEqual(entryOf(config).config)
    const condition = world.state.conditions.origins['us-1']
    expect(condition).toMatchObject({ sharePercent: 50 })
    expect(condition).not.toHaveProperty('drainUntilMs')
    expect(condition).not.toHaveProperty('keepsSinceMs')
  })

  it('is what the configuration says when another pool has it', () => {
    const world = new World(config)
    const eu = { origins: { ...config.pools.eu.origins, 'us-1': { url: 'https://other.example' } } }
    world.put({ ...smaller, pools: { ...smaller.pools, eu } })
    expect(world.state.leaving).toEqual({})
    expect(world.state.plan?.poolOf['us-1']).toBe('eu')
  })

  it('goes on with the time of a drain that it was on already, and forgets other orders', () => {
    const world = new World(config)
    world.set('origin:us-1', 'drain', { untilMs: world.nowMs + 90_000, override: true })
    const fromMs = world.nowMs
    remove(world)
    expect(world.state.overrides).toEqual({})
    expect(world.state.conditions.origins['us-1']).toMatchObject({ drainFromMs: fromMs })
    world.pass(MINUTE_MS)
    expect(world.state.conditions.origins['us-1']).toMatchObject({ drainFromMs: fromMs })
  })

  it('has nobody to keep when it was in maintenance', () => {
    const world = new World(config)
    world.set('origin:us-1', 'maintenance', { override: true })
    remove(world)
    expect(world.state.leaving).toEqual({})
  })

  it('goes at once when an operator says maintenance, and takes no other order', () => {
    const world = remove()
    expect(world.set('origin:us-1', 'ready')).toMatchObject({ outcome: 'conflict' })
    expect(world.set('origin:us-1', 'drain')).toMatchObject({ outcome: 'conflict' })
    expect(world.set('origin:us-1', 'maintenance')).toMatchObject({ outcome: 'done' })
    expect(world.state).toMatchObject({ leaving: {}, overrides: {} })
    expect(world.set('origin:us-1', 'maintenance')).toMatchObject({ outcome: 'not-found' })
  })

  it('survives the end of the process, and further revisions', () => {
    const world = remove()
    const { leaving, leavingSince, drains, conditions, log } = world.state
    world.crash()
    expect(world.state).toMatchObject({ leaving, leavingSince, drains, conditions })
    expect(world.state.log.generation).toBe(log.generation)
    world.put({ ...smaller, settings: { name: 'other' } })
    world.crash()
    expect(world.state).toMatchObject({ leaving, leavingSince, drains, conditions })
    world.nowMs += 10 * MINUTE_MS
    world.crash()
    expect(world.state.leaving).toEqual({})
    expect(world.state.conditions.origins).toEqual({})
  })

  it('has another name for each set of those that leave, so that edges compile anew', () => {
    const world = remove()
    const names = [world.state.leavingSince]
    const us3 = { url: 'https://us-3.example.com' }
    const third = { ...us, origins: { 'us-2': us2, 'us-3': us3 } }
    world.put({ ...smaller, pools: { ...smaller.pools, us: third } })
    expect(world.state.leavingSince).toBe(names[0])
    world.put(smaller)
    names.push(world.state.leavingSince)
    world.set('origin:us-1', 'maintenance')
    names.push(world.state.leavingSince)
    expect(Object.keys(world.state.leaving)).toEqual(['us-3'])
    expect(new Set(names).size).toBe(3)
    expect(names).not.toContain('')
  })
})

/** As many origins as there may be, in five pools. */
function largest(): AuthoredConfig {
  const ids = Array.from({ length: CONFIG_LIMITS.origins }, (_, at) => at)
  const pools = Array.from({ length: 5 }, (_, pool) => {
    const own = ids.filter((id) => id % 5 === pool)
    const origins = own.map((id) => [`o${id}`, { url: `https://o${id}.example.com` }] as const)
    return [`p${pool}`, { drainRemoved: true, origins: Object.fromEntries(origins) }] as const
  })
  return { pools: Object.fromEntries(pools) }
}

it('keeps no more of those that leave than a configuration may have origins', () => {
  const world = new World(largest())
  const { p0: _, ...others } = largest().pools ?? {}
  world.put({ pools: { ...others, p0: { drainRemoved: true, origins: { last: us2 } } } })
  const sizes = Object.values(published(world).pools).map(
    (pool) => Object.keys(pool.origins).length,
  )
  expect(sizes.toSorted((one, other) => one - other)).toEqual([1000, 1000, 1000, 1000, 1000])
})
