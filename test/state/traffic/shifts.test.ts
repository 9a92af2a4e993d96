import { describe, expect, it } from 'vitest'
import type { AuthoredConfig } from '../../../src/schema/config.ts'
import { OPERATOR, START, World, entryOf } from './world.ts'

const config = {
  ramps: { gentle: { dwell: '1m', gate: { minSamples: 10 } } },
  pools: {
    us: { origins: { 'us-1': { url: 'https://us-1.example.com' } } },
    eu: { origins: { 'eu-1': { url: 'https://eu-1.example.com' } } },
    ap: { origins: { 'ap-1': { url: 'https://ap-1.example.com' } } },
  },
  routes: {
    all: { steer: { policy: 'weighted', weights: { us: 70, eu: 30 } } },
    near: { match: { path: '/near' }, steer: { policy: 'proximity', pools: ['us', 'eu'] } },
  },
  notifications: { ops: { type: 'webhook', url: 'https://ops.example.com' } },
} satisfies AuthoredConfig

const gentle = { ramp: 'gentle' }
const shiftOf = (world: World) => world.state.conditions.routes['all']
const titlesIn = (world: World) =>
  Object.values(world.state.messages).flatMap(({ notices }) => notices.map(({ title }) => title))
const authoredWeights = (world: World) => {
  const steer = world.authored().routes?.['all']?.steer
  return steer?.policy === 'weighted' ? steer.weights : undefined
}

describe('a shift', () => {
  it('moves clients to the target step by step, and its end is a revision', () => {
    const world = new World(config)
    expect(world.shift('all', { us: 20, eu: 80 }, gentle)).toMatchObject({
      outcome: 'done',
      ramp: { id: 'shift:1', percent: 10, from: { us: 70, eu: 30 }, to: { us: 20, eu: 80 } },
    })
    expect(shiftOf(world)).toEqual({ weights: { us: 20, eu: 80 }, percent: 10 })
    world.pass(130_000)
    expect(shiftOf(world)).toEqual({ weights: { us: 20, eu: 80 }, percent: 50 })
    expect(world.state.log.current).toBe(1)
    world.pass(400_000)
    expect(shiftOf(world)).toBeUndefined()
    expect(authoredWeights(world)).toEqual({ us: 20, eu: 80 })
    expect(world.state.log.current).toBe(2)
    expect(world.deeds.map(({ action }) => action)).toEqual(['shift.start', 'shift.land'])
  })

  it('may bring a pool in that the route did not have', () => {
    const world = new World(config)
    world.shift('all', { ap: 1 }, gentle)
    expect(shiftOf(world)).toEqual({ weights: { us: 0, eu: 0, ap: 1 }, percent: 10 })
    world.pass(600_000)
    expect(authoredWeights(world)).toEqual({ us: 0, eu: 0, ap: 1 })
  })

  it('goes back when those that get more fail, and when they are down', () => {
    const world = new World(config)
    world.shift('all', { us: 20, eu: 80 }, gentle)
    world.pass(130_000)
    world.does('eu-1', { perSecond: 10, failed: 0.9 })
    world.pass(20_000)
    expect(shiftOf(world)?.percent).toBe(0)
    world.does('eu-1', { perSecond: 10, failed: 0 })
    world.pass(200_000)
    world.health('eu-1', 'unhealthy')
    expect(shiftOf(world)?.percent).toBe(0)
    world.health('eu-1', 'healthy')
    world.pass(1_800_000)
    expect(authoredWeights(world)).toEqual({ us: 20, eu: 80 })
  })

  it('that is aborted leaves the weights as they were', () => {
    const world = new World(config)
    world.shift('all', { us: 20, eu: 80 }, gentle)
    const command = { type: 'abort', how: 'at-once' } as const
    world.dispatch({ type: 'command', ramp: 'shift:1', command, ...OPERATOR })
    expect(shiftOf(world)).toBeUndefined()
    expect(world.state.ramps['shift:1']?.phase).toBe('aborted')
    world.pass(600_000)
    expect(world.state.log.current).toBe(1)
  })

  it('lands although the process ends before its revision is made', () => {
    const world = new World(config)
    world.shift('all', { us: 20, eu: 80 }, gentle)
    world.stopBefore('land')
    for (let second = 0; second < 600; second += 1) {
      if (Object.keys(world.state.landings).length === 0) world.pass(1000)
    }
    expect(shiftOf(world)).toEqual({ weights: { us: 20, eu: 80 }, percent: 100 })
    expect(world.state.log.current).toBe(1)
    world.pass(60_000)
    expect(shiftOf(world)).toBeUndefined()
    expect(authoredWeights(world)).toEqual({ us: 20, eu: 80 })
  })

  it('lands once, also when its revision is made twice', () => {
    const world = new World(config)
    world.shift('all', { us: 20, eu: 80 }, gentle)
    world.pass(600_000)
    const landing = world.answers.find(({ type }) => type === 'land')
    const { state } = world
    if (landing) world.dispatch(landing)
    expect(world.state).toEqual(state)
  })

  it('does not undo a revision that was made while its own was written', () => {
    const world = new World(config)
    world.shift('all', { us: 20, eu: 80 }, gentle)
    world.stopBefore('land')
    while (Object.keys(world.state.landings).length === 0) world.pass(1000)
    const weights = { us: 20, eu: 80 }
    const all = { steer: { policy: 'weighted' as const, weights } }
    const entry = entryOf({ ...config, routes: { ...config.routes, all } })
    world.put({ ...config, settings: { prefix: '/_other' } })
    world.dispatch({ type: 'land', ramp: 'shift:1', entry, base: 1 })
    expect(world.authored().settings).toEqual({ prefix: '/_other' })
    expect(shiftOf(world)).toEqual({ weights, percent: 100 })
    world.pass(60_000)
    expect(authoredWeights(world)).toEqual(weights)
    expect(world.authored().settings).toEqual({ prefix: '/_other' })
    expect(world.state.log.current).toBe(3)
  })

  it('of a route without one map of weights, beside another, or to what is there already is refused', () => {
    const world = new World(config)
    const to = { us: 1, eu: 1 }
    expect(world.shift('near', to)).toMatchObject({ outcome: 'conflict' })
    expect(world.shift('xx', to)).toMatchObject({ outcome: 'not-found' })
    expect(world.shift('all', { xx: 1 })).toMatchObject({ outcome: 'not-found' })
    expect(world.shift('all', to, { ramp: 'xx' })).toMatchObject({ outcome: 'not-found' })
    expect(world.shift('all', { us: 0 })).toMatchObject({ outcome: 'conflict' })
    expect(world.shift('all', { us: 7, eu: 3 })).toMatchObject({ outcome: 'unchanged' })
    world.shift('all', to)
    expect(world.shift('all', { us: 2, eu: 1 })).toMatchObject({ outcome: 'conflict' })
  })

  it('reverts when nobody confirms it', () => {
    const world = new World(config)
    world.shift('all', { us: 20, eu: 80 }, { ...gentle, confirmWithinMs: 90_000 })
    world.pass(89_000)
    expect(shiftOf(world)).toBeDefined()
    world.pass(1000)
    expect(shiftOf(world)).toBeUndefined()
    expect(world.state.ramps['shift:1']?.phase).toBe('aborted')
  })

  it('reverts also when it came to its end before that', () => {
    const world = new World(config)
    world.shift('all', { us: 20, eu: 80 }, { ...gentle, confirmWithinMs: 600_000 })
    world.pass(500_000)
    expect(authoredWeights(world)).toEqual({ us: 20, eu: 80 })
    world.pass(100_000)
    expect(authoredWeights(world)).toEqual({ us: 70, eu: 30 })
    expect(world.deeds.at(-1)).toMatchObject({ action: 'change.revert', target: 'route:all' })
    expect(world.state.confirmations).toEqual({})
  })

  it('reverts also between its end and its revision', () => {
    const world = new World(config)
    world.shift('all', { us: 20, eu: 80 }, { ...gentle, confirmWithinMs: 600_000 })
    world.stopBefore('land')
    while (Object.keys(world.state.landings).length === 0) world.pass(1000)
    world.nowMs = START + 600_000
    world.dispatch({ type: 'wake' })
    world.land()
    expect(shiftOf(world)).toBeUndefined()
    world.pass(600_000)
    expect(authoredWeights(world)).toEqual({ us: 70, eu: 30 })
    expect(world.state.log.current).toBe(1)
  })
})

/** Gives the route other weights at once. */
function change(world: World, us: number, more = {}) {
  const weights = { us, eu: 100 - us }
  const all = { steer: { policy: 'weighted', weights } }
  const authored = { ...config, routes: { ...config.routes, all } }
  const entry = entryOf(authored)
  const base = world.state.log.current
  world.dispatch({ type: 'set-weights', ...OPERATOR, route: 'all', weights, entry, base, ...more })
  world.land()
  return world.told.at(-1)
}

describe('weights', () => {
  it('that were written into an older document are not taken', () => {
    const world = new World(config)
    world.put({ ...config, settings: { prefix: '/_other' } })
    expect(change(world, 60, { base: 1 })).toEqual({ outcome: 'mismatch' })
    expect(world.authored().settings).toEqual({ prefix: '/_other' })
    expect(world.state.log.current).toBe(2)
  })

  it('are a revision, audited with what was before', () => {
    const world = new World(config)
    expect(change(world, 60)).toMatchObject({ outcome: 'done' })
    expect(authoredWeights(world)).toEqual({ us: 60, eu: 40 })
    expect(world.deeds.at(-1)).toMatchObject({
      action: 'weights.set',
      target: 'route:all',
      before: { us: 70, eu: 30 },
      after: { revision: 2, weights: { us: 60, eu: 40 } },
    })
    expect(change(world, 60)).toMatchObject({ outcome: 'unchanged' })
  })

  it('that move too much at once are refused, and recorded where that is overridden', () => {
    const world = new World(config)
    expect(change(world, 10)).toMatchObject({
      outcome: 'refused',
      refusals: [{ type: 'change-too-large', route: 'all', changePercent: 60 }],
    })
    expect(world.state.log.current).toBe(1)
    expect(change(world, 10, { override: true })).toMatchObject({ outcome: 'done' })
    expect(world.deeds.at(-1)?.overrode).toMatchObject([{ type: 'change-too-large' }])
  })

  it('revert to the revision before when nobody confirms them', () => {
    const world = new World(config)
    change(world, 60, { confirmWithinMs: 30_000 })
    world.pass(30_000)
    expect(authoredWeights(world)).toEqual({ us: 70, eu: 30 })
    expect(world.state.log.current).toBe(3)
    expect(world.state.confirmations).toEqual({})
    expect(world.deeds.at(-1)).toMatchObject({ action: 'change.revert', target: 'route:all' })
  })

  it('revert although the process ends in the middle of it', () => {
    const world = new World(config)
    change(world, 60, { confirmWithinMs: 30_000 })
    world.nowMs += 30_000
    world.dispatch({ type: 'wake' })
    world.crash()
    expect(world.state.log.current).toBe(2)
    world.pass(60_000)
    expect(world.state.log.current).toBe(3)
  })

  it('do not revert when there is a later revision', () => {
    const world = new World(config)
    change(world, 60, { confirmWithinMs: 30_000 })
    change(world, 50)
    world.put({ ...config, settings: { name: 'other' } })
    world.pass(600_000)
    expect(world.state.log.current).toBe(4)
    expect(world.state.confirmations).toEqual({})
    expect(titlesIn(world)).toContain('not reverted: weights of route:all: {"us":60,"eu":40}')
  })

  it('that wait to be confirmed are no beginning for a shift', () => {
    const world = new World(config)
    change(world, 60, { confirmWithinMs: 30_000 })
    const detail = '"change-1" waits to be confirmed: the weights of "all" may revert'
    const shifted = world.shift('all', { us: 20, eu: 80 }, { ...gentle, confirmWithinMs: 90_000 })
    expect(shifted).toEqual({ outcome: 'conflict', detail })
    world.pass(30_000)
    expect(authoredWeights(world)).toEqual({ us: 70, eu: 30 })
    expect(world.shift('all', { us: 20, eu: 80 }, gentle)).toMatchObject({ outcome: 'done' })
  })

  it('are refused while a shift moves them, and when the revision is another', () => {
    const world = new World(config)
    expect(change(world, 60, { expect: [7] })).toEqual({ outcome: 'mismatch' })
    world.shift('all', { us: 20, eu: 80 }, gentle)
    expect(change(world, 60)).toMatchObject({ outcome: 'conflict' })
  })
})
