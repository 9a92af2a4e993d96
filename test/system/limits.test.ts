import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AuthoredConfig } from '../../src/schema/config.ts'
import { ask, burst, type Sender } from '../support/burst.ts'
import { header, type HeaderLines, headerValues, type Received } from '../support/client.ts'
import { untilMinuteHasTime } from '../support/minute.ts'
import { type Origin, startOrigin } from '../support/origin.ts'
import { problemOf } from '../support/problem.ts'
import { identify, reply } from '../support/reply.ts'
import {
  configure,
  fromEdge,
  observe,
  openRouter,
  type Router,
  type RouterOptions,
  startRouter,
} from '../support/router.ts'
import { inOrder, perHost, type RouteParts, stageOrigin } from '../support/stage.ts'
import { parseStringList } from '../support/structured-field.ts'

type RateLimits = NonNullable<NonNullable<AuthoredConfig['routes']>[string]['rateLimits']>

function limited(rateLimits: RateLimits) {
  return { rateLimits }
}

function everywhere(windows: string[]) {
  return limited({ each: { windows, mode: 'global' } })
}

const germany = fromEdge('203.0.113.9', { country: 'DE' })
const france = fromEdge('203.0.113.9', { country: 'FR' })
const keys: readonly (readonly [string, RateLimits[string]['key'], HeaderLines, HeaderLines])[] = [
  ['header.test', { header: 'X-User' }, [['X-User', 'anna']], [['X-User', 'bert']]],
  ['cookie.test', { cookie: 'user' }, [['Cookie', 'user=anna']], [['Cookie', 'a=b; user=bert']]],
  ['token.test', 'token', [['Authorization', 'Bearer a']], [['Authorization', 'Bearer b']]],
  ['country.test', 'country', germany, france],
  ['address.test', 'address', fromEdge('2001:db8:0:1::1'), fromEdge('2001:db8:0:2::1')],
]

const together = limited({ all: { key: 'route', windows: ['2/1h'] } })

/** Every test here has hosts of its own, and with them routes and counts. */
const plain = share(
  {
    'login.test': limited({ login: { windows: ['3/1m', '100/1h'] } }),
    'loud.test': limited({ a: { windows: ['10/1m'], announce: true }, b: { windows: ['5/1h'] } }),
    'quiet.test': limited({ a: { windows: ['10/1m'] } }),
    ...Object.fromEntries(
      keys.map(([host, key]) => [host, limited({ each: { key, windows: ['2/1h'] } })]),
    ),
    'both.test': limited({
      all: { key: 'route', windows: ['3/1h'] },
      each: { key: { header: 'X-User' }, windows: ['1/1h'] },
    }),
    'together.test': together,
  },
  {
    fixed: { match: { hosts: ['fixed.test'] }, respond: { status: 204 }, ...together },
    // Whatever has no host of the others, and so what is asked of the router itself.
    any: {
      steer: { policy: 'failover', pools: ['origin'] },
      ...limited({ all: { key: 'route', windows: ['1/1h'] } }),
    },
  },
)

const observed = share(
  {
    'ten.test': everywhere(['10/1h']),
    // So slow that none comes back while a test runs.
    'forty.test': everywhere(['40/1h']),
    'many.test': everywhere(['6000/1m']),
    'platform.test': limited({
      each: { windows: ['20/1m'], mode: 'platform', binding: 'CLIENTS' },
    }),
  },
  {},
  { worker: 'observed' },
)

/** One router for many tests, and the origin behind these hosts: what it has seen is forgotten for each. */
function share(
  hosts: Readonly<Record<string, RouteParts>>,
  others: NonNullable<AuthoredConfig['routes']>,
  options: RouterOptions = {},
) {
  let origin: Origin
  let router: Router
  beforeAll(async () => {
    origin = await startOrigin('origin')
    router = await openRouter(options)
    const { pools, routes } = perHost([origin], hosts)
    await configure(router, { pools, routes: { ...routes, ...others } })
  })
  afterAll(async () => {
    await router?.runtime.dispose()
    await origin?.stop()
  })
  return () => {
    origin.forget()
    return { origin, router }
  }
}

test('who comes too often is told how long to wait, by name and in numbers', async () => {
  const { origin, router } = plain()
  const host = 'login.test'
  const { limits } = (await router.status()).isolate
  expect(await burst(router, 3, { host })).toEqual([200, 200, 200])
  const got = await ask(router, host, '203.0.113.1')
  expect(got.status).toBe(429)
  expect(header(got, 'content-type')).toBe('application/problem+json')
  const problem = problemOf(got)
  expect(problem).toMatchObject({
    type: 'urn:portolan:problem:rate-limited',
    title: 'Too many requests',
    status: 429,
    detail: 'The limit "login" allows 3 requests in 60 s.',
    reason: 'rate-limited',
    'violated-policies': ['login-60s'],
  })
  // A third of a minute, less what the requests took.
  const retryAfter = Number(header(got, 'retry-after'))
  expect(retryAfter).toBeGreaterThan(10)
  expect(retryAfter).toBeLessThanOrEqual(20)
  expect(header(got, 'ratelimit-policy')).toBe('"login-60s";q=3;w=60, "login-3600s";q=100;w=3600')
  const [minute, hour] = fieldOf(got, 'ratelimit')
  expect(minute).toEqual({ value: 'login-60s', parameters: { r: 0, t: retryAfter } })
  expect(hour).toMatchObject({ value: 'login-3600s', parameters: { r: 97 } })
  // The refused request took nothing of the hour, and none of it reached the origin.
  expect(origin.requests.length).toBe(3)
  expect(await burst(router, 1, { headers: fromEdge('203.0.113.2'), host })).toEqual([200])
  const rateLimited = limits.rateLimited + 1
  expect((await router.status()).isolate).toMatchObject({ limits: { rateLimited } })
})

test('a limit that is announced stands on every answer, and on no other', async () => {
  const { origin, router } = plain()
  const loud = await router.send('http://loud.test/')
  expect(fieldOf(loud, 'ratelimit-policy')).toEqual([{ value: 'a', parameters: { q: 10, w: 60 } }])
  expect(fieldOf(loud, 'ratelimit')).toEqual([{ value: 'a', parameters: { r: 9, t: 6 } }])
  expect(header(loud, 'x-origin')).toBe('origin')
  origin.answer(
    reply({
      headers: [
        ['RateLimit', '"own";r=1'],
        ['RateLimit-Policy', '"own";q=9'],
      ],
    }),
  )
  const both = await router.send('http://loud.test/')
  expect(fieldOf(both, 'ratelimit').map(({ value }) => value)).toEqual(['own', 'a'])
  expect(fieldOf(both, 'ratelimit-policy').map(({ value }) => value)).toEqual(['own', 'a'])
  origin.answer(identify)
  const quiet = await router.send('http://quiet.test/')
  expect([header(quiet, 'ratelimit'), header(quiet, 'ratelimit-policy')]).toEqual([
    undefined,
    undefined,
  ])
})

test('counts by whatever the limit says', async () => {
  const { router } = plain()
  for (const [host, , one, other] of keys) {
    expect([host, ...(await burst(router, 3, { headers: one, host }))]).toEqual([
      host,
      200,
      200,
      429,
    ])
    expect([host, ...(await burst(router, 3, { headers: other, host }))]).toEqual([
      host,
      200,
      200,
      429,
    ])
  }
})

function by(user: string): Sender {
  return { headers: [['X-User', user]], host: 'both.test' }
}

test('takes of all limits of a route or of none', async () => {
  const { router } = plain()
  // Her refusals take nothing of what all have together.
  expect(await burst(router, 3, by('anna'))).toEqual([200, 429, 429])
  expect(await burst(router, 1, by('bert'))).toEqual([200])
  expect(await burst(router, 1, by('carl'))).toEqual([200])
  expect(await burst(router, 1, by('dora'))).toEqual([429])
})

test('counts everybody together by route, the answers of the router itself as well', async () => {
  const { router } = plain()
  const host = 'together.test'
  expect(await burst(router, 2, { host })).toEqual([200, 200])
  expect(await burst(router, 1, { headers: fromEdge('203.0.113.2'), host })).toEqual([429])
  expect(await burst(router, 3, { headers: [], host: 'fixed.test' })).toEqual([204, 204, 429])
})

test('never limits what is asked of the router itself', async () => {
  const { router } = plain()
  expect(await burst(router, 2)).toEqual([200, 429])
  for (const path of ['/_portolan/health/live', '/_portolan/health/ready']) {
    for (let at = 0; at < 3; at += 1) expect((await router.send(path)).status).toBe(200)
  }
  expect((await router.admin('GET', '/_portolan/v1/config')).status).toBe(200)
})

function fieldOf(got: Received, name: string) {
  return parseStringList(headerValues(got, name).join(', '))
}

test('a limit of the platform is counted by its binding', async () => {
  await untilMinuteHasTime()
  const { router } = observed()
  const host = 'platform.test'
  expect(await burst(router, 20, { host })).toEqual(Array(20).fill(200))
  const got = await ask(router, host, '203.0.113.1')
  expect([got.status, header(got, 'retry-after')]).toEqual([429, '60'])
  expect(header(got, 'ratelimit-policy')).toBe('"each";q=20;w=60')
  expect(header(got, 'ratelimit')).toBeUndefined()
  expect(problemOf(got)['violated-policies']).toEqual(['each'])
  expect((await ask(router, host, '203.0.113.2')).status).toBe(200)
})

describe('a global limit', () => {
  const second: HeaderLines = [...fromEdge('203.0.113.1'), ['rig-isolate', 'second']]

  test('is one for all isolates', async () => {
    const { router } = observed()
    const host = 'ten.test'
    const statuses: number[] = []
    for (let at = 0; at < 8; at += 1) {
      statuses.push(...(await burst(router, 1, { host })))
      statuses.push(...(await burst(router, 1, { headers: second, host })))
    }
    expect(statuses).toEqual([...Array(10).fill(200), ...Array(6).fill(429)])
    expect(await burst(router, 1, { headers: fromEdge('203.0.113.2'), host })).toEqual([200])
  })

  test('lets requests that come together wait for one call, and not for one each', async () => {
    const { router } = observed()
    const { limiterCalls: before } = await observe(router)
    const statuses = await Promise.all(
      Array.from({ length: 50 }, () => burst(router, 1, { host: 'forty.test' })),
    )
    const refused = statuses.flat().filter((status) => status === 429)
    // What is refused too many is what the isolate still holds.
    expect(refused.length).toBeGreaterThanOrEqual(10)
    expect(refused.length).toBeLessThanOrEqual(14)
    expect((await observe(router)).limiterCalls - before).toBeLessThan(15)
  })

  // The last one that shares: it takes the object away.
  test('costs few calls, and no request waits for those of a client who is new', async () => {
    const { router } = observed()
    const host = 'many.test'
    await observe(router, { limiter: 'stalled' })
    // A fiftieth of the limit may be spent ahead.
    expect(new Set(await burst(router, 50, { host }))).toEqual(new Set([200]))
    expect((await router.status()).isolate).toMatchObject({ limits: { globalAlone: 0 } })
    await observe(router, { limiter: 'up' })
    const { limiterCalls: before } = await observe(router)
    expect(new Set(await burst(router, 500, { host }))).toEqual(new Set([200]))
    expect((await observe(router)).limiterCalls - before).toBeLessThan(50)
  })

  test.each(['down', 'stalled'] as const)(
    'is counted by each isolate alone while its object is %s',
    async (mode) => {
      const origin = await stageOrigin('origin')
      const config = inOrder([origin], everywhere(['10/1h']))
      const router = await startRouter(config, { worker: 'observed' })
      await observe(router, { limiter: mode })
      const begunMs = performance.now()
      expect(await burst(router, 12)).toEqual([...Array(10).fill(200), 429, 429])
      // One or two of them have waited for half a second, and not all.
      expect(performance.now() - begunMs).toBeLessThan(5000)
      expect(await burst(router, 3, { headers: second })).toEqual([200, 200, 200])
      expect((await router.status()).isolate).toMatchObject({
        limits: { rateLimited: 2, globalAlone: 12 },
      })
    },
  )
})
