import { describe, expect, it } from 'vitest'
import type { AuthoredConfig } from '../../../src/schema/config.ts'
import type { Shed } from '../../../src/schema/limit.ts'
import { trafficIn } from '../../../src/state/control/state.ts'
import type { SetShedding, Told } from '../../../src/state/traffic/event.ts'
import { toPoolView } from '../../../src/state/traffic/view.ts'
import { OPERATOR, START, World } from './world.ts'

const config = {
  pools: {
    us: { origins: { 'us-1': { url: 'https://us-1.example.com' } } },
    eu: { origins: { 'eu-1': { url: 'https://eu-1.example.com' } } },
  },
  routes: { all: { steer: { policy: 'weighted', weights: { us: 50, eu: 50 } } } },
} as const

const alone: AuthoredConfig = {
  ...config,
  routes: { all: { steer: { policy: 'failover', pools: ['us'] } } },
}

const half: Shed = { newPercent: 50, sessionPercent: 10, by: 'hash' }
const all: Shed = { newPercent: 100, sessionPercent: 0, by: 'hash' }

function shed(world: World, what: Shed | null, more: Partial<SetShedding> = {}): Told | undefined {
  world.dispatch({ type: 'set-shedding', pool: 'us', shed: what, ...OPERATOR, ...more })
  world.land()
  return world.told.at(-1)
}

const shedOf = (world: World) => world.state.conditions.pools['us']?.shed
const actions = (world: World) => world.deeds.map(({ action }) => action)

describe('load that is taken off a pool by hand', () => {
  it('holds for the edges at once, is shown, and audited with what was before', () => {
    const world = new World(config)
    expect(shed(world, half)).toEqual({ outcome: 'done', overrode: [] })
    expect(world.state.conditions.pools).toMatchObject({ us: { sharePercent: 100, shed: half } })
    expect(toPoolView(trafficIn(world.state), 'us', START)?.shedding).toEqual({
      shed: half,
      reason: 'because',
      by: 'ada',
      sinceMs: START,
    })
    expect(world.deeds).toMatchObject([
      { action: 'shedding.set', target: 'shedding:us', before: null, after: { shed: half } },
    ])
  })

  it('said twice is unchanged, and said anew is another', () => {
    const world = new World(config)
    shed(world, half)
    expect(shed(world, half)).toEqual({ outcome: 'unchanged', overrode: [] })
    expect(shed(world, { ...half, newPercent: 20 })).toMatchObject({ outcome: 'done' })
    expect(shedOf(world)).toMatchObject({ newPercent: 20 })
  })

  it('ends by hand, and leaves nothing', () => {
    const world = new World(config)
    expect(shed(world, null)).toMatchObject({ outcome: 'unchanged' })
    shed(world, half)
    expect(shed(world, null)).toMatchObject({ outcome: 'done' })
    expect(world.state.conditions.pools).toEqual({})
    expect(actions(world)).toEqual(['shedding.set', 'shedding.end'])
  })

  it('ends by itself', () => {
    const world = new World(config)
    shed(world, half, { untilMs: START + 60_000 })
    world.pass(59_999)
    expect(shedOf(world)).toEqual(half)
    world.pass(1)
    expect(shedOf(world)).toBeUndefined()
    expect(world.deeds.at(-1)).toMatchObject({ actor: { name: 'portolan' } })
  })

  it('is known to a process that takes over', () => {
    const world = new World(config)
    shed(world, half)
    world.crash()
    expect(shedOf(world)).toEqual(half)
  })

  it('goes on with another configuration, and is forgotten with its pool', () => {
    const world = new World(config)
    shed(world, half)
    world.put({ ...config, interlocks: { maxChangePercent: 60 } })
    expect(shedOf(world)).toEqual(half)
    world.put({
      pools: { eu: config.pools.eu },
      routes: { all: { steer: { policy: 'failover', pools: ['eu'] } } },
    })
    expect(world.state.shedding).toEqual({})
  })

  it('stands beside what an operator says of the pool', () => {
    const world = new World(config)
    shed(world, half)
    world.set('pool:us', 'drain')
    expect(world.state.conditions.pools['us']).toMatchObject({ state: 'drain', shed: half })
    world.set('pool:us', 'ready')
    expect(shedOf(world)).toEqual(half)
  })

  it.each([
    [{ pool: 'mars' }, 'not-found'],
    [{ pool: 'constructor' }, 'not-found'],
    [{ untilMs: START }, 'conflict'],
  ] as const)('of %o is %s', (more, outcome) => {
    expect(shed(new World(config), half, more)).toMatchObject({ outcome })
  })
})

describe('the interlocks', () => {
  it('refuse to shed every new client of the only pool of a route', () => {
    const world = new World(alone)
    expect(shed(world, all)).toMatchObject({
      outcome: 'refused',
      refusals: [{ type: 'all-off', route: 'all', usable: 0 }, { type: 'capacity-too-small' }],
    })
    expect(shedOf(world)).toBeUndefined()
  })

  it('refuse to shed more than the capacity that has to be left, and let the rest', () => {
    const world = new World(alone)
    expect(shed(world, { ...half, newPercent: 51 })).toMatchObject({
      refusals: [{ type: 'capacity-too-small', capacityPercent: 49 }],
    })
    expect(shed(world, half)).toMatchObject({ outcome: 'done' })
  })

  it('refuse to take out whoever is left beside a pool that sheds everyone', () => {
    const world = new World({ ...config, interlocks: { maxChangePercent: 100 } })
    expect(shed(world, all)).toMatchObject({ outcome: 'done' })
    expect(world.set('pool:eu', 'maintenance')).toMatchObject({
      refusals: [{ type: 'all-off' }, { type: 'capacity-too-small' }],
    })
  })

  it('ask nothing of critical routes, of which nothing is shed', () => {
    const critical = { ...alone.routes?.['all'], criticality: 'critical' as const }
    expect(shed(new World({ ...alone, routes: { all: critical } }), all)).toMatchObject({
      outcome: 'done',
    })
    const both = { all: critical, page: { ...alone.routes?.['all'], match: { path: '/page' } } }
    expect(shed(new World({ ...alone, routes: both }), all)).toMatchObject({
      refusals: [
        { type: 'all-off', route: 'page' },
        { type: 'capacity-too-small', route: 'page' },
      ],
    })
  })

  it('let no state end that leaves nobody but a pool that sheds everyone', () => {
    const eu = { ...config.pools.eu, state: 'maintenance' } as const
    const interlocks = { maxChangePercent: 100 }
    const world = new World({ ...config, interlocks, pools: { ...config.pools, eu } })
    world.set('pool:eu', 'ready', { untilMs: START + 60_000 })
    shed(world, all)
    world.pass(600_000)
    expect(world.state.conditions.pools['eu']?.state).toBe('ready')
    shed(world, null)
    world.pass(60_000)
    expect(world.state.conditions.pools).toEqual({})
  })

  it('are gone past by who may, and that is kept', () => {
    const world = new World(alone)
    expect(shed(world, all, { override: true })).toMatchObject({ outcome: 'done' })
    expect(world.deeds.at(-1)?.overrode).toHaveLength(2)
    expect(shed(world, null)).toMatchObject({ outcome: 'done' })
  })
})

describe('a change that has to be confirmed', () => {
  it('goes back to what was before', () => {
    const world = new World(config)
    shed(world, half)
    shed(world, { ...half, newPercent: 20 }, { confirmWithinMs: 60_000 })
    shed(world, null, { confirmWithinMs: 60_000 })
    world.pass(60_000)
    expect(shedOf(world)).toEqual(half)
    expect(actions(world).at(-1)).toBe('change.revert')
  })

  it('stays when it was confirmed', () => {
    const world = new World(config)
    const told = shed(world, half, { confirmWithinMs: 60_000 })
    const id = told && 'confirmation' in told ? (told.confirmation?.id ?? '') : ''
    world.dispatch({ type: 'confirm', id, actor: OPERATOR.actor })
    world.pass(120_000)
    expect(shedOf(world)).toEqual(half)
  })

  it('does not undo what was said since', () => {
    const world = new World(config)
    shed(world, half, { confirmWithinMs: 60_000 })
    shed(world, { ...half, newPercent: 20 })
    world.pass(60_000)
    expect(shedOf(world)).toMatchObject({ newPercent: 20 })
  })

  it('waits with going back where that would leave a route without anybody', () => {
    const world = new World({ ...config, interlocks: { maxChangePercent: 100 } })
    shed(world, all)
    shed(world, null, { confirmWithinMs: 60_000 })
    world.health('eu-1', 'unhealthy')
    world.pass(600_000)
    expect(shedOf(world)).toBeUndefined()
    world.health('eu-1', 'healthy')
    world.pass(60_000)
    expect(shedOf(world)).toEqual(all)
  })
})
