import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { AuthoredConfig } from '../../src/schema/config.ts'
import { header } from '../support/client.ts'
import { type Origin, startOrigin } from '../support/origin.ts'
import { problemOf } from '../support/problem.ts'
import { configure, openRouter, type Router } from '../support/router.ts'
import type { RouteParts } from '../support/stage.ts'

type State = 'ready' | 'drain' | 'maintenance'

/** What a test has under its own host: the state of `main`, that of the fallback where there is one, and its route. */
interface Case {
  readonly main: State
  readonly spare?: State
  readonly route?: RouteParts
}

const CASES = {
  'out.test': { main: 'maintenance', spare: 'ready' },
  'draining.test': { main: 'maintenance', spare: 'drain' },
  'open.test': { main: 'drain', route: { panic: { rule: 'fail-open' } } },
  'refusing.test': { main: 'drain', route: { panic: { rule: 'refuse', retryAfter: '42s' } } },
  'lost.test': {
    main: 'maintenance',
    spare: 'maintenance',
    route: { panic: { rule: 'fail-open' } },
  },
} as const satisfies Readonly<Record<string, Case>>

let main: Origin
let spare: Origin
let router: Router

beforeAll(async () => {
  main = await startOrigin('main')
  spare = await startOrigin('spare')
  router = await openRouter()
  await configure(router, configOf(CASES))
})

beforeEach(() => {
  main.forget()
  spare.forget()
})

afterAll(async () => {
  await router?.runtime.dispose()
  await Promise.all([main.stop(), spare.stop()])
})

/** For each host a pool of `main`, and one of `spare` that is named as the fallback. */
function configOf(cases: Readonly<Record<string, Case>>): AuthoredConfig {
  const pools: NonNullable<AuthoredConfig['pools']> = {}
  const routes: NonNullable<AuthoredConfig['routes']> = {}
  for (const [at, [host, states]] of Object.entries(cases).entries()) {
    const [first, fallback] = [`main-${at}`, `spare-${at}`]
    const steer = { policy: 'failover' as const, pools: [first] }
    pools[first] = { origins: { [first]: { url: main.url, state: states.main } } }
    if (states.spare) {
      Object.assign(steer, { fallback })
      pools[fallback] = { origins: { [fallback]: { url: spare.url, state: states.spare } } }
    }
    routes[`route-${at}`] = { ...states.route, match: { hosts: [host] }, steer }
  }
  return { pools, routes }
}

const ask = (host: keyof typeof CASES) => router.send(`http://${host}/`)

test('a fallback pool takes over when every other is out', async () => {
  expect(JSON.parse((await ask('out.test')).text)).toMatchObject({ origin: 'spare' })
})

test('a fallback pool takes over whatever its own state but maintenance', async () => {
  expect(JSON.parse((await ask('draining.test')).text)).toMatchObject({ origin: 'spare' })
})

test('a route that fails open uses what is draining when nothing else is left', async () => {
  expect((await ask('open.test')).status).toBe(200)
})

test('a route that refuses says so, and when to come again', async () => {
  const got = await ask('refusing.test')
  expect([got.status, header(got, 'retry-after')]).toEqual([503, '42'])
  expect(problemOf(got)).toMatchObject({ reason: 'no-origin' })
  expect(main.requests).toEqual([])
})

test('maintenance takes nothing, not even when all else is lost', async () => {
  const got = await ask('lost.test')
  expect([got.status, header(got, 'retry-after')]).toEqual([503, '10'])
  expect([...main.requests, ...spare.requests]).toEqual([])
})
