import { describe, expect, it } from 'vitest'
import { OPERATOR, START, World } from './world.ts'

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
  interlocks: { minCapacityPercent: 10 },
} as const

const conditionsOf = (world: World) => world.state.conditions

describe('an admin state', () => {
  it('holds for the edges at once, and is audited with what was before', () => {
    const world = new World(config)
    expect(world.set('origin:us-1', 'maintenance')).toMatchObject({ outcome: 'done' })
    expect(conditionsOf(world).origins['us-1']).toMatchObject({ state: 'maintenance' })
    expect(world.deeds).toMatchObject([
      {
        action: 'state.set',
        target: 'origin:us-1',
        actor: { name: 'ada', from: '192.0.2.1' },
        reason: 'because',
        before: null,
        after: { state: 'maintenance' },
      },
    ])
  })

  it('said twice is unchanged', () => {
    const world = new World(config)
    world.set('origin:us-1', 'drain')
    const { state } = world
    expect(world.set('origin:us-1', 'drain')).toEqual({ outcome: 'unchanged', overrode: [] })
    expect(world.state).toEqual(state)
    expect(world.set('origin:us-2', 'ready')).toMatchObject({ outcome: 'unchanged' })
  })

  it('that ends comes back by the steps of the pool', () => {
    const world = new World(config)
    world.set('origin:us-1', 'maintenance')
    world.set('origin:us-1', 'ready')
    expect(conditionsOf(world).origins['us-1']).toMatchObject({ sharePercent: 10 })
    world.pass(600_000)
    expect(conditionsOf(world).origins).toEqual({})
  })

  it('that an operator ends needs no second word where failback is manual', () => {
    const eu = { ...config.pools.eu, failback: { mode: 'manual' } } as const
    const world = new World({ ...config, pools: { ...config.pools, eu } })
    world.set('pool:eu', 'maintenance')
    world.set('pool:eu', 'ready')
    expect(conditionsOf(world).pools['eu']).toMatchObject({ sharePercent: 10 })
  })

  it('that keeps a pool out needs no ramps of its origins: the ramp of the pool carries them', () => {
    const world = new World(config)
    world.set('pool:us', 'maintenance')
    for (const id of ['us-1', 'us-2']) world.health(id, 'unhealthy')
    for (const id of ['us-1', 'us-2']) world.health(id, 'healthy')
    world.set('pool:us', 'ready')
    expect(Object.keys(world.state.ramps)).toEqual(['pool:us'])
    expect(conditionsOf(world)).toMatchObject({ origins: {}, pools: { us: { sharePercent: 10 } } })
  })

  it('begins and ends by itself', () => {
    const world = new World(config)
    world.set('pool:eu', 'drain', { fromMs: START + 60_000, untilMs: START + 120_000 })
    expect(conditionsOf(world).pools).toEqual({})
    world.pass(59_999)
    expect(conditionsOf(world).pools).toEqual({})
    world.pass(1)
    expect(conditionsOf(world).pools['eu']).toMatchObject({ state: 'drain' })
    world.pass(60_000)
    expect(conditionsOf(world).pools['eu']).toMatchObject({ sharePercent: 10 })
    expect(world.deeds.map(({ action }) => action)).toEqual(['state.set', 'state.end'])
  })

  it('brings back by steps what it lets serve when its planned moment comes', () => {
    const out = { ...config.pools.eu, state: 'maintenance' } as const
    const world = new World({ ...config, pools: { ...config.pools, eu: out } })
    world.set('pool:eu', 'ready', { fromMs: START + 60_000 })
    world.pass(61_000)
    expect(conditionsOf(world).pools['eu']).toMatchObject({ state: 'ready', sharePercent: 10 })
  })

  it('of a planned window is judged again when it opens', () => {
    const world = new World(config)
    world.set('pool:eu', 'maintenance', { fromMs: START + 60_000 })
    world.health('us-1', 'unhealthy')
    world.health('us-2', 'unhealthy')
    world.pass(60_000)
    expect(conditionsOf(world).pools).toEqual({})
    expect(world.state.overrides).toEqual({})
  })

  it('of "ready" that is the last to serve a route stays past its time', () => {
    const eu = { ...config.pools.eu, state: 'maintenance' } as const
    const ops = {
      type: 'webhook' as const,
      url: 'https://ops.example.com',
      kinds: ['interlock' as const],
    }
    const pools = { ...config.pools, eu }
    const world = new World({ ...config, pools, notifications: { ops } })
    world.set('pool:eu', 'ready', { untilMs: START + 60_000 })
    world.pass(10_000)
    world.health('us-1', 'unhealthy')
    world.health('us-2', 'unhealthy')
    world.pass(600_000)
    expect(conditionsOf(world).pools['eu']).toMatchObject({ state: 'ready' })
    // Told once, however often it is put off.
    expect(world.state.outbox.sequence).toBe(1)
    world.health('us-1', 'healthy')
    world.pass(60_000)
    expect(world.state.overrides).toEqual({})
  })

  it('of an unknown subject, with times that make no sense, or planned over another is refused', () => {
    const world = new World(config)
    expect(world.set('origin:xx', 'drain')).toMatchObject({ outcome: 'not-found' })
    expect(world.set('pool:xx', 'drain')).toMatchObject({ outcome: 'not-found' })
    expect(world.set('pool:us', 'drain', { ramp: 'xx' })).toMatchObject({ outcome: 'not-found' })
    const over = { untilMs: START - 1 }
    expect(world.set('pool:us', 'drain', over)).toMatchObject({ outcome: 'conflict' })
    const ramped = { ramp: 'gentle' }
    expect(world.set('pool:us', 'maintenance', ramped)).toMatchObject({ outcome: 'conflict' })
    world.set('pool:us', 'drain')
    const later = { fromMs: START + 1000 }
    expect(world.set('pool:us', 'drain', later)).toMatchObject({ outcome: 'conflict' })
  })

  it('that would turn a route off is refused, with the numbers, unless that is overridden', () => {
    const world = new World(config)
    world.set('pool:us', 'drain')
    const refusal = { type: 'all-off', route: 'all', usable: 0 }
    const refused = world.set('pool:eu', 'drain')
    expect(refused).toMatchObject({
      outcome: 'refused',
      refusals: expect.arrayContaining([refusal]),
    })
    expect(conditionsOf(world).pools['eu']).toBeUndefined()
    const override = { override: true } as const
    expect(world.set('pool:eu', 'drain', override)).toMatchObject({
      outcome: 'done',
      overrode: expect.arrayContaining([refusal]),
    })
    expect(world.deeds.at(-1)?.overrode).toContainEqual(refusal)
  })
})

describe('a drain by a ramp', () => {
  it('leaves step by step, and is a drain in the end', () => {
    const world = new World(config)
    expect(world.set('origin:us-1', 'drain', { ramp: 'gentle' })).toMatchObject({
      outcome: 'done',
      ramp: { use: 'drain', percent: 10 },
    })
    expect(conditionsOf(world).origins['us-1']?.sharePercent).toBe(90)
    world.pass(130_000)
    expect(conditionsOf(world).origins['us-1']?.sharePercent).toBe(50)
    expect(conditionsOf(world).origins['us-1']).not.toHaveProperty('state')
    world.pass(400_000)
    expect(conditionsOf(world).origins['us-1']).toMatchObject({ state: 'drain' })
  })

  it('of what is out already has no steps', () => {
    const world = new World(config)
    world.set('origin:us-1', 'maintenance')
    world.set('origin:us-1', 'drain', { ramp: 'gentle' })
    expect(world.state.ramps).toEqual({})
    expect(conditionsOf(world).origins['us-1']).toMatchObject({ state: 'drain', sharePercent: 100 })
  })

  it('that is called back on its way comes back from the share that it has', () => {
    const world = new World(config)
    world.set('origin:us-1', 'drain', { ramp: 'gentle' })
    world.pass(70_000)
    expect(conditionsOf(world).origins['us-1']?.sharePercent).toBe(75)
    world.set('origin:us-1', 'ready')
    expect(conditionsOf(world).origins['us-1']?.sharePercent).toBe(75)
    expect(world.state.ramps['origin:us-1']).toMatchObject({ use: 'recovery', phase: 'stepping' })
    world.pass(600_000)
    expect(conditionsOf(world).origins).toEqual({})
  })

  it('does not hold those that take over to more than what leaves does itself', () => {
    const world = new World(config)
    for (const id of ['us-1', 'us-2', 'eu-1']) world.does(id, { perSecond: 10, failed: 0.02 })
    world.set('pool:us', 'drain', { ramp: 'gentle' })
    world.pass(600_000)
    expect(conditionsOf(world).pools).toMatchObject({ us: { state: 'drain' } })
  })

  it('that is aborted takes its override with it', () => {
    const world = new World(config)
    world.set('origin:us-1', 'drain', { ramp: 'gentle' })
    const command = { type: 'abort', how: 'at-once' } as const
    const by = { actor: { name: 'ada', from: '' }, reason: '', override: false }
    world.dispatch({ type: 'command', ramp: 'origin:us-1', command, ...by })
    expect(conditionsOf(world).origins).toEqual({})
    expect(world.state.overrides).toEqual({})
  })

  it('goes back when those that take over fail, and when nobody is left to', () => {
    const world = new World(config)
    world.set('pool:us', 'drain', { ramp: 'gentle' })
    world.pass(130_000)
    expect(conditionsOf(world).pools['us']?.sharePercent).toBe(50)
    world.does('eu-1', { perSecond: 10, failed: 0.9 })
    world.pass(20_000)
    expect(conditionsOf(world).pools).toEqual({})
    world.does('eu-1', { perSecond: 10, failed: 0 })
    world.pass(180_000)
    expect(conditionsOf(world).pools['us']?.sharePercent).toBeLessThan(100)
    world.health('eu-1', 'unhealthy')
    expect(conditionsOf(world).pools).toEqual({})
    world.pass(7_200_000)
    expect(conditionsOf(world).pools).toEqual({})
    world.health('eu-1', 'healthy')
    world.pass(7_200_000)
    expect(conditionsOf(world).pools).toMatchObject({ us: { state: 'drain' } })
  })
})

describe('a change that has to be confirmed', () => {
  const within = { confirmWithinMs: 60_000 }

  it('reverts to what was before when nobody does', () => {
    const world = new World(config)
    const told = world.set('origin:us-1', 'maintenance', within)
    expect(told).toMatchObject({ confirmation: { id: 'change-2', dueAtMs: START + 60_000 } })
    world.pass(60_000)
    expect(world.state.overrides).toEqual({})
    expect(world.state.confirmations).toEqual({})
    expect(world.deeds.at(-1)).toMatchObject({ action: 'change.revert', target: 'origin:us-1' })
  })

  it('stays when somebody does', () => {
    const world = new World(config)
    world.set('origin:us-1', 'maintenance', within)
    const actor = { name: 'bob', from: '' }
    world.dispatch({ type: 'confirm', id: 'change-2', actor })
    world.pass(600_000)
    expect(world.state.overrides['origin:us-1']).toMatchObject({ state: 'maintenance' })
    expect(world.deeds.at(-1)).toMatchObject({ action: 'change.confirm', actor })
    world.dispatch({ type: 'confirm', id: 'change-2', actor })
    expect(world.told.at(-1)).toMatchObject({ outcome: 'not-found' })
  })

  it('leaves alone what somebody has said since', () => {
    const world = new World(config)
    world.set('origin:us-1', 'maintenance', within)
    world.set('origin:us-1', 'drain')
    world.pass(600_000)
    expect(world.state.overrides['origin:us-1']).toMatchObject({ state: 'drain' })
    expect(world.deeds.map(({ action }) => action)).toEqual(['state.set', 'state.set'])
  })

  it('comes back from the share that it has when it was a drain on its way', () => {
    const world = new World(config)
    world.set('pool:us', 'drain', { ramp: 'gentle', confirmWithinMs: 200_000 })
    world.pass(199_000)
    const { sharePercent = 100 } = conditionsOf(world).pools['us'] ?? {}
    world.pass(1000)
    expect(world.state.overrides).toEqual({})
    expect(world.state.ramps['pool:us']).toMatchObject({ use: 'recovery' })
    expect([sharePercent, conditionsOf(world).pools['us']?.sharePercent]).toEqual([25, 25])
  })

  it('goes back to a drain without its steps where nothing is served any more', () => {
    const world = new World(config)
    world.set('pool:us', 'drain', { ramp: 'gentle' })
    world.pass(600_000)
    const drained = conditionsOf(world).pools
    expect(drained).toMatchObject({ us: { state: 'drain', sharePercent: 100 } })
    world.set('pool:us', 'maintenance', within)
    world.pass(60_000)
    // Whoever had stayed had to leave: it is a drain that begins anew.
    const times = { drainFromMs: world.nowMs, drainUntilMs: world.nowMs + 300_000 }
    expect(conditionsOf(world).pools).toEqual({ us: { ...drained['us'], ...times } })
  })

  it('is none by a name that every object has', () => {
    const world = new World(config)
    world.dispatch({ type: 'confirm', id: 'constructor', actor: { name: 'bob', from: '' } })
    expect(world.told.at(-1)).toMatchObject({ outcome: 'not-found' })
    const command = { type: 'promote' } as const
    world.dispatch({ type: 'command', ramp: 'constructor', command, ...OPERATOR })
    expect(world.told.at(-1)).toMatchObject({ outcome: 'not-found' })
  })

  it('goes back to where the first of several began, and survives the end of the process', () => {
    const world = new World(config)
    world.set('origin:us-1', 'drain')
    world.set('origin:us-1', 'maintenance', within)
    world.crash()
    world.set('origin:us-1', 'maintenance', { ...within, untilMs: START + 900_000 })
    world.crash()
    world.pass(60_000)
    expect(world.state.overrides['origin:us-1']).toMatchObject({ state: 'drain' })
  })
})
