import type { AuthoredConfig } from '../../src/schema/config.ts'
import type { Origin, Reply } from './origin.ts'
import { areHealthy } from './operator.ts'
import { type Router, type RouterOptions, startRouter } from './router.ts'
import { after, reply } from './reply.ts'
import { until } from './until.ts'

type Pools = NonNullable<AuthoredConfig['pools']>

/** What of a pool a test is about. */
export type PoolParts = Omit<Pools[string], 'origins'>

/**
 * A ramp of five steps in some seconds, which goes by few requests, of which one may fail, and lets a busy machine be
 * slow, or stand still for a second.
 */
export const QUICK: NonNullable<AuthoredConfig['ramps']>[string] = {
  dwell: '1s',
  gate: { minSamples: 5, successRate: 0.8, p95Floor: '1500ms' },
}

/** As quick, for what turns slow on its way: a busy machine may send it back as well. */
const KEEN: typeof QUICK = { ...QUICK, gate: { ...QUICK.gate, p95Floor: '300ms' } }

/**
 * Who is not there is found by two probes of each region, within three seconds; who is there and stands still for one,
 * with the machine, is not taken for lost.
 */
export const PROBING = {
  profile: 'fast',
  interval: '2s',
  unhealthyInterval: '1s',
  timeout: '2s',
  fall: 2,
  rise: 2,
} as const

/** How origins of these tests answer while all is well. */
export const well: Reply = after(2, reply({ body: 'ok' }))

/**
 * Pools that are probed every two seconds, each with the ramp `quick` for its recovery, and one route, `shop`, that
 * divides its clients among them by weight.
 */
export function probed(
  regions: Readonly<Record<string, readonly Origin[]>>,
  weights: Readonly<Record<string, number>>,
  parts: PoolParts = {},
): AuthoredConfig {
  const pools = Object.entries(regions).map(([id, origins]): [string, Pools[string]] => [
    id,
    {
      monitor: 'web',
      recovery: 'quick',
      holdDown: { base: '2s', max: '4s' },
      ...parts,
      origins: Object.fromEntries(origins.map((origin) => [origin.id, { url: origin.url }])),
    },
  ])
  return {
    monitors: { web: { ...PROBING, path: '/health' } },
    ramps: { quick: QUICK, keen: KEEN },
    pools: Object.fromEntries(pools),
    routes: {
      shop: { expose: true, steer: { policy: 'weighted', key: 'client', weights: { ...weights } } },
    },
  }
}

/** A router whose origins have all been probed and found well. */
export async function startProbed(
  config: AuthoredConfig,
  options: RouterOptions = {},
): Promise<Router> {
  const router = await startRouter(config, options)
  const ids = Object.values(config.pools ?? {}).flatMap(({ origins }) => Object.keys(origins))
  await until(() => areHealthy(router, ids))
  return router
}

/** How many requests an origin has had, less those of probes. */
export function requestsOf({ requests }: Origin): number {
  return requests.filter(({ target }) => target !== '/health').length
}
