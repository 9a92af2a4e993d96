import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compile } from '../../src/core/compile.ts'
import type { Snapshot } from '../../src/core/snapshot.ts'
import { documentOf, poolsOf } from '../support/builders.ts'

const config = {
  pools: poolsOf({ us: ['us-1'] }),
  routes: { web: { steer: { policy: 'failover' as const, pools: ['us'] } } },
}

it('keeps what follows from the configuration when only the conditions have changed', () => {
  const first = compile(documentOf(config))
  const changed = documentOf(config, { origins: { 'us-1': { health: 'unhealthy' } } })
  const second = compile({ ...changed, revision: 2, generation: 2 }, first)
  expect(second).toMatchObject({ revision: 2, generation: 2 })
  expect(second.table).toBe(first.table)
  expect(second.routes).toBe(first.routes)
  expect(second.origins[0]?.standing).toMatchObject({ type: 'unhealthy' })
})

it('compiles anew when the same revision reads otherwise, as after an upgrade', () => {
  const first = compile(documentOf(config))
  const { routes, pools } = config
  const otherwise = documentOf({ pools, routes: { web: { ...routes.web, expose: true } } })
  const second = compile({ ...otherwise, generation: 2 }, first)
  expect(second.revision).toBe(first.revision)
  expect(second.routes[0]?.route.expose).toBe(true)
})

/** The weights by which a snapshot splits the route `api`, and those that it is on its way to. */
function weightsOf(snapshot: Snapshot) {
  const steer = snapshot.routes.find(({ id }) => id === 'api')?.steer
  const [configured, target] = [steer?.ordering, steer?.shift?.ordering].map((ordering) => {
    const { ids = [], weights = [] } = ordering?.group ?? {}
    return Object.fromEntries(ids.map((id, at) => [id, weights[at]]))
  })
  return { configured, target, percent: steer?.shift?.percent }
}

it('takes over the pools that no condition is about', () => {
  const { routes } = config
  const wide = { pools: poolsOf({ us: ['us-1'], eu: ['eu-1', 'eu-2'] }), routes }
  const plain = compile(documentOf(wide))
  const ill = compile(documentOf(wide, { origins: { 'eu-2': { health: 'unhealthy' } } }), plain)
  expect(ill.pools[0]).toBe(plain.pools[0])
  expect(ill.pools[1]).not.toBe(plain.pools[1])
  expect(ill.origins.map(({ id, index, standing }) => [id, index, standing?.type])).toEqual([
    ['us-1', 0, undefined],
    ['eu-1', 1, undefined],
    ['eu-2', 2, 'unhealthy'],
  ])
  const drained = compile(documentOf(wide, { pools: { us: { state: 'drain' } } }), ill)
  const fresh = compile(documentOf(wide, { pools: { us: { state: 'drain' } } }))
  expect(drained.pools.map(({ standing }) => standing)).toEqual(
    fresh.pools.map(({ standing }) => standing),
  )
  expect(drained.origins).toEqual(fresh.origins)
})

const condition = fc.record(
  {
    health: fc.constantFrom('healthy' as const, 'unhealthy' as const),
    state: fc.constantFrom('ready' as const, 'drain' as const),
    sharePercent: fc.constantFrom(0, 50, 100),
    admitPercent: fc.constant(30),
    keepsSinceMs: fc.constant(5),
    drainUntilMs: fc.constant(7),
    shed: fc.constant({ newPercent: 10 }),
  },
  { requiredKeys: [] },
)

const moment = fc.record({
  origins: fc.dictionary(fc.constantFrom('us-1', 'us-2', 'eu-1', 'eu-2'), condition),
  pools: fc.dictionary(fc.constantFrom('us', 'eu'), condition),
})

it('takes over nothing that other conditions make otherwise', () => {
  const { routes } = config
  const wide = { pools: poolsOf({ us: ['us-1', 'us-2'], eu: ['eu-1', 'eu-2'] }), routes }
  fc.assert(
    fc.property(fc.array(moment, { minLength: 2, maxLength: 4 }), (moments) => {
      let snapshot: Snapshot | undefined
      for (const conditions of moments) {
        const document = documentOf(wide, conditions)
        snapshot = compile(document, snapshot)
        const fresh = compile(document)
        expect(snapshot.pools).toEqual(fresh.pools)
        expect(snapshot.origins).toEqual(fresh.origins)
      }
    }),
    { numRuns: 60 },
  )
})

describe('weights on their way', () => {
  const split = {
    pools: poolsOf({ us: ['us-1'], eu: ['eu-1'], ap: ['ap-1'] }),
    routes: {
      api: {
        match: { path: '/api/*' },
        steer: { policy: 'weighted' as const, weights: { us: 100, eu: 0 } },
      },
      web: { steer: { policy: 'failover' as const, pools: ['us'] } },
    },
  }
  const shifting = (weights: Record<string, number>, percent = 25) =>
    documentOf(split, { routes: { api: { weights, percent } } })

  it('stand beside the configured ones, and only in their route', () => {
    const first = compile(documentOf(split))
    const second = compile(shifting({ us: 30, eu: 70 }), first)
    expect(weightsOf(second)).toEqual({
      configured: { us: 100, eu: 0 },
      target: { us: 30, eu: 70 },
      percent: 25,
    })
    expect(second.routes.map(({ id, steer }) => [id, steer?.shift !== undefined])).toEqual([
      ['api', true],
      ['web', false],
    ])
    expect(second.routes[1]).toBe(first.routes[1])
    expect(Object.isFrozen(second.routes[0]?.steer?.shift?.ordering)).toBe(true)
  })

  it('may name a pool that is new to the route, and leave others standing by', () => {
    const snapshot = compile(shifting({ eu: 60, ap: 40, gone: 10 }))
    expect(weightsOf(snapshot)).toMatchObject({
      configured: { us: 100, eu: 0, ap: 0 },
      target: { us: 0, eu: 60, ap: 40 },
    })
    const pools = snapshot.routes[0]?.steer?.pools.map((index) => snapshot.pools[index]?.id)
    expect(pools).toEqual(['us', 'eu', 'ap'])
  })

  it('give way to the configured ones when they have arrived', () => {
    const first = compile(documentOf(split))
    const during = compile(shifting({ us: 50, eu: 50 }), first)
    const after = compile(documentOf(split), during)
    expect(after.routes).toBe(first.routes)
  })

  it('are none in a document of a release that did not know them', () => {
    const { conditions, ...document } = documentOf(split)
    const { routes: _, ...older } = conditions
    expect(weightsOf(compile({ ...document, conditions: older }))).toMatchObject({
      configured: { us: 100, eu: 0 },
      percent: undefined,
    })
  })

  it('are those of every client where a release said no percent', () => {
    const { conditions, ...document } = documentOf(split)
    const older = { ...conditions, routes: { api: { weights: { us: 65, eu: 35 } } } }
    expect(weightsOf(compile({ ...document, conditions: older }))).toMatchObject({
      target: { us: 65, eu: 35 },
      percent: 100,
    })
  })
})

it('freezes the snapshot to its leaves', () => {
  const snapshot = compile(documentOf(config))
  expect(Object.isFrozen(snapshot)).toBe(true)
  expect(Object.isFrozen(snapshot.pools[0]?.origins)).toBe(true)
  expect(Object.isFrozen(snapshot.routes[0]?.route.retry)).toBe(true)
})
