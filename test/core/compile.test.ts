import { expect, it } from 'vitest'
import { compile } from '../../src/core/compile.ts'
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

it('freezes the snapshot to its leaves', () => {
  const snapshot = compile(documentOf(config))
  expect(Object.isFrozen(snapshot)).toBe(true)
  expect(Object.isFrozen(snapshot.pools[0]?.origins)).toBe(true)
  expect(Object.isFrozen(snapshot.routes[0]?.route.retry)).toBe(true)
})
