import { expect, test } from 'vitest'
import type { AuthoredConfig } from '../../src/schema/config.ts'
import { header } from '../support/client.ts'
import { type LoadShape, load, type Tally } from '../support/load.ts'
import type { Origin } from '../support/origin.ts'
import { after, reply } from '../support/reply.ts'
import { observe, type Router, startRouter } from '../support/router.ts'
import { stageOrigin } from '../support/stage.ts'
import { until } from '../support/until.ts'

/** How long after an origin's death no isolate anywhere may choose it any more. */
const BOUND_MS = 10_000

const quick = after(2, reply({ body: 'ok' }))

type Pools = NonNullable<AuthoredConfig['pools']>

/** Pools of origins that are probed by the fast profile from three regions. */
function probed(
  pools: Readonly<Record<string, readonly Origin[]>>,
  minimumOrigins = 1,
): Pick<AuthoredConfig, 'monitors' | 'pools'> {
  const made = Object.entries(pools).map(([pool, origins]): [string, Pools[string]] => [
    pool,
    {
      monitor: 'web',
      minimumOrigins: Math.min(minimumOrigins, origins.length),
      origins: Object.fromEntries(origins.map(({ id, url }) => [id, { url }])),
    },
  ])
  return {
    monitors: { web: { profile: 'fast', path: '/health' } },
    pools: Object.fromEntries(made),
  }
}

async function healthOf(router: Router, origin: string): Promise<string> {
  const { text } = await router.admin('GET', `/_portolan/v1/origins/${origin}`)
  return (JSON.parse(text) as { health: string }).health
}

/** A router whose origins have all been probed and found well. */
async function startProbed(config: AuthoredConfig): Promise<Router> {
  const router = await startRouter(config, { worker: 'observed' })
  const ids = Object.values(config.pools ?? {}).flatMap(({ origins }) => Object.keys(origins))
  await until(async () => {
    const healths = await Promise.all(ids.map((id) => healthOf(router, id)))
    return healths.every((health) => health === 'healthy')
  })
  return router
}

/** A request by another isolate, whose traffic goes elsewhere: what it knows it has from its snapshot. */
function sendBySecond(router: Router, path: string) {
  const headers = [
    ['Host', 'shop.test'],
    ['rig-isolate', 'second'],
  ] as const
  return router.send(`http://shop.test${path}`, { headers })
}

/** How long it takes until the snapshot of the other isolate says this of an origin. */
async function settled(router: Router, origin: string, standing: string): Promise<number> {
  const beganMs = Date.now()
  await until(async () => {
    expect((await sendBySecond(router, '/quiet')).status).toBe(200)
    return (await observe(router)).second[origin] === standing
  })
  return Date.now() - beganMs
}

/** Requests all the time until `during` is over, and what became of them. */
async function underLoad(router: Router, during: () => Promise<void>): Promise<Tally> {
  let isOver = false
  const shape: LoadShape = { concurrency: 8, pauseMs: 60, isOver: () => isOver }
  const loading = load(shape, (_, agent) => router.send('http://shop.test/', { agent }))
  try {
    await during()
  } finally {
    isOver = true
  }
  return loading
}

const MAIN = { expose: true } as const

/** A route of its own to one pool, for an isolate that is to have no other traffic. */
function quiet(pool: string): NonNullable<AuthoredConfig['routes']>[string] {
  return { match: { path: '/quiet' }, steer: { policy: 'failover', pools: [pool] } }
}

test('an origin that dies under load fails no client, and every isolate steers away in time', async () => {
  const [one, two, other] = [
    await stageOrigin('a-1', quick),
    await stageOrigin('a-2', quick),
    await stageOrigin('b-1', quick),
  ]
  const router = await startProbed({
    ...probed({ a: [one, two], b: [other] }),
    routes: {
      main: { ...MAIN, steer: { policy: 'failover', pools: ['a', 'b'] } },
      quiet: quiet('b'),
    },
  })
  const tally = await underLoad(router, async () => {
    await until(() => one.requests.length > 50)
    await one.kill()
    const diedMs = Date.now()
    // This isolate steers away by what it sees itself, before the probes do.
    await until(async () =>
      (await router.status()).origins.some(
        ({ origin, ejectedForMs }) => origin === 'a-1' && ejectedForMs,
      ),
    )
    expect(Date.now() - diedMs).toBeLessThan(BOUND_MS / 3)
    await settled(router, 'a-1', 'unhealthy')
    expect(Date.now() - diedMs).toBeLessThan(BOUND_MS)
    const got = await sendBySecond(router, '/')
    expect(header(got, 'portolan-origin')).toBe('a-2')
    expect(header(got, 'server-timing')).toContain('attempts;desc="1"')
    // Back, it is used again: this pool has no ramp.
    await one.revive()
    await settled(router, 'a-1', '')
  })
  expect(Object.keys(tally)).toEqual(['200'])
})

test('an origin that dies while nobody asks for it is found by the probes in time', async () => {
  const [one, two] = [await stageOrigin('a-1', quick), await stageOrigin('b-1', quick)]
  const router = await startProbed({
    ...probed({ a: [one], b: [two] }),
    routes: { main: { steer: { policy: 'failover', pools: ['a', 'b'] } }, quiet: quiet('b') },
  })
  await settled(router, 'a-1', '')
  await one.kill()
  expect(await settled(router, 'a-1', 'unhealthy')).toBeLessThan(BOUND_MS)
  const { text } = await router.admin('GET', '/_portolan/v1/origins/a-1')
  expect(JSON.parse(text)).toMatchObject({
    health: 'unhealthy',
    evidence: expect.stringMatching(/of 3 regions/),
  })
})

test.each([
  { weights: { a: 30, b: 70 }, share: '30 %' },
  { weights: { a: 100, b: 0 }, share: 'all' },
])(
  'a region that takes $share of the traffic and dies as a whole fails no client',
  async ({ weights }) => {
    const region = [await stageOrigin('a-1', quick), await stageOrigin('a-2', quick)]
    const other = await stageOrigin('b-1', quick)
    const router = await startProbed({
      ...probed({ a: region, b: [other] }),
      routes: {
        main: { steer: { policy: 'weighted', key: 'random', weights } },
        quiet: quiet('b'),
      },
    })
    const tally = await underLoad(router, async () => {
      await until(() => region.every(({ requests }) => requests.length > 30))
      await Promise.all(region.map((origin) => origin.kill()))
      await settled(router, 'a-1', 'unhealthy')
      await settled(router, 'a-2', 'unhealthy')
    })
    expect(Object.keys(tally)).toEqual(['200'])
    expect((await router.status()).isolate['retriesDenied']).toBe(0)
  },
)

test('a pool below its minimum gives way to the next, and the last to the fallback pool', async () => {
  const [one, two, next, last] = [
    await stageOrigin('a-1', quick),
    await stageOrigin('a-2', quick),
    await stageOrigin('b-1', quick),
    await stageOrigin('c-1', quick),
  ]
  const router = await startProbed({
    ...probed({ a: [one, two], b: [next], c: [last] }, 2),
    routes: {
      main: { ...MAIN, steer: { policy: 'failover', pools: ['a', 'b'], fallback: 'c' } },
      quiet: quiet('c'),
    },
  })
  const tally = await underLoad(router, async () => {
    await until(() => two.requests.length > 20)
    await one.kill()
    await settled(router, 'a-1', 'unhealthy')
    const got = await sendBySecond(router, '/')
    expect(header(got, 'portolan-origin')).toBe('b-1')
    const before = next.requests.length
    await until(() => next.requests.length > before + 50)
    await next.kill()
    await settled(router, 'b-1', 'unhealthy')
    expect(header(await sendBySecond(router, '/'), 'portolan-origin')).toBe('c-1')
  })
  expect(Object.keys(tally)).toEqual(['200'])
})
