import { expect, it } from 'vitest'
import { ENVELOPE_BYTES } from '../../../durable/draft.ts'
import type { AuthoredConfig } from '../../../src/schema/config.ts'
import { CONFIG_LIMITS } from '../../../src/schema/config-limits.ts'
import { conditionsOf } from '../../../src/state/traffic/conditions.ts'
import { trafficIn } from '../../../src/state/control/state.ts'
import { World } from './world.ts'

/** The longest id of a number. */
const idOf = (prefix: string, at: number) =>
  `${prefix}${String(at).padStart(5, '0')}`.padEnd(63, '.')

/** As many origins, pools and routes as there may be, all of them with the longest names. */
function largest(): AuthoredConfig {
  const { origins, pools, routes } = CONFIG_LIMITS
  const pool = (at: number) => {
    const each = Array.from(
      { length: origins / pools },
      (_, index) => (at * origins) / pools + index,
    )
    return {
      origins: Object.fromEntries(
        each.map((id) => [idOf('o', id), { url: `https://o${id}.example.com` }]),
      ),
    }
  }
  const ids = Array.from({ length: pools }, (_, at) => at)
  const weights = { [idOf('p', 0)]: 1, [idOf('p', 1)]: 1 }
  const steer = { policy: 'weighted', weights } as const
  return {
    pools: Object.fromEntries(ids.map((at) => [idOf('p', at), pool(at)])),
    routes: Object.fromEntries(
      Array.from({ length: routes }, (_, at) => [
        idOf('r', at),
        { match: { path: `/${at}` }, steer },
      ]),
    ),
  }
}

it('has room for the conditions of the largest deployment when nothing in it is well', () => {
  const world = new World(largest())
  const { plan } = world.state
  if (plan === null) throw new Error('it has no plan')
  const evidence = '断'.repeat(1024)
  const fallen = { health: 'unhealthy', evidence, sinceMs: world.nowMs, sequence: 1 } as const
  const origins = Object.fromEntries(Object.keys(plan.poolOf).map((id) => [id, fallen]))
  const weights = { [idOf('p', 0)]: 1_000_000, [idOf('p', 1)]: 999_999 }
  const landings = Object.fromEntries(
    Object.keys(plan.routes).map((route, at) => [
      `shift:${at}`,
      { route, weights, by: 'ada', askedAtMs: 0 },
    ]),
  )
  const words = { reason: '', by: 'ada', fromMs: 0, serial: 1, hasBegun: true, isForced: true }
  const override = { state: 'drain', ...words } as const
  const said = Object.fromEntries(
    [
      ...Object.keys(plan.pools).map((id) => `pool:${id}`),
      ...Object.keys(origins).map((id) => `origin:${id}`),
    ].map((key) => [key, override]),
  )
  const drains = Object.fromEntries(
    Object.keys(said).map((key) => [key, { fromMs: world.nowMs }] as const),
  )
  const conditions = conditionsOf({
    ...trafficIn(world.state),
    origins,
    landings,
    overrides: said,
    drains,
  })
  expect(Object.keys(conditions.origins)).toHaveLength(CONFIG_LIMITS.origins)
  expect(Object.keys(conditions.pools)).toHaveLength(CONFIG_LIMITS.pools)
  expect(Object.keys(conditions.routes)).toHaveLength(CONFIG_LIMITS.routes)
  expect(conditions.origins[idOf('o', 0)]?.drainUntilMs).toBe(world.nowMs + 300_000)
  const { byteLength } = new TextEncoder().encode(JSON.stringify(conditions))
  expect(byteLength).toBeLessThan(ENVELOPE_BYTES - 1024)
})

it('keeps the whole of long evidence with the origin, and gives its beginning to the edges', () => {
  const world = new World({
    pools: { us: { origins: { 'us-1': { url: 'https://us-1.example.com' } } } },
  })
  const evidence = `${'x'.repeat(158)}😀${'y'.repeat(500)}`
  world.health('us-1', 'unhealthy', evidence)
  expect(world.state.origins['us-1']?.evidence).toBe(evidence)
  expect(world.state.conditions.origins['us-1']?.evidence).toBe(`${'x'.repeat(158)}…`)
  world.health('us-1', 'unhealthy', 'x'.repeat(160))
  expect(world.state.conditions.origins['us-1']?.evidence).toBe('x'.repeat(160))
})
