import { expect, test } from 'vitest'
import type { AuthoredConfig } from '../../src/schema/config.ts'
import { header } from '../support/client.ts'
import type { Origin } from '../support/origin.ts'
import { problemOf } from '../support/problem.ts'
import { startRouter } from '../support/router.ts'
import { type RouteParts, stageOrigin } from '../support/stage.ts'

type State = 'ready' | 'drain' | 'maintenance'

/** Pools `main` and `spare` of one origin each, `spare` being named as the fallback. */
function withFallback(
  [main, spare]: readonly [Origin, Origin],
  [mainState, spareState]: readonly [State, State],
  route: RouteParts = {},
): AuthoredConfig {
  return {
    pools: {
      main: { origins: { main: { url: main.url, state: mainState } } },
      spare: { origins: { spare: { url: spare.url, state: spareState } } },
    },
    routes: {
      all: { ...route, steer: { policy: 'failover', pools: ['main'], fallback: 'spare' } },
    },
  }
}

async function stagePair(): Promise<readonly [Origin, Origin]> {
  return [await stageOrigin('main'), await stageOrigin('spare')]
}

test('a fallback pool takes over when every other is out', async () => {
  const pair = await stagePair()
  const router = await startRouter(withFallback(pair, ['maintenance', 'ready']))
  expect(JSON.parse((await router.send('http://shop.test/')).text)).toMatchObject({
    origin: 'spare',
  })
})

test('a fallback pool takes over whatever its own state but maintenance', async () => {
  const pair = await stagePair()
  const router = await startRouter(withFallback(pair, ['maintenance', 'drain']))
  expect(JSON.parse((await router.send('http://shop.test/')).text)).toMatchObject({
    origin: 'spare',
  })
})

test('a route that fails open uses what is draining when nothing else is left', async () => {
  const [main] = await stagePair()
  const router = await startRouter({
    pools: { main: { origins: { main: { url: main.url, state: 'drain' } } } },
    routes: {
      all: { panic: { rule: 'fail-open' }, steer: { policy: 'failover', pools: ['main'] } },
    },
  })
  expect((await router.send('http://shop.test/')).status).toBe(200)
})

test('a route that refuses says so, and when to come again', async () => {
  const [main] = await stagePair()
  const router = await startRouter({
    pools: { main: { origins: { main: { url: main.url, state: 'drain' } } } },
    routes: {
      all: {
        panic: { rule: 'refuse', retryAfter: '42s' },
        steer: { policy: 'failover', pools: ['main'] },
      },
    },
  })
  const got = await router.send('http://shop.test/')
  expect([got.status, header(got, 'retry-after')]).toEqual([503, '42'])
  expect(problemOf(got)).toMatchObject({ reason: 'no-origin' })
  expect(main.requests).toEqual([])
})

test('maintenance takes nothing, not even when all else is lost', async () => {
  const pair = await stagePair()
  const panic = { rule: 'fail-open' } as const
  const router = await startRouter(withFallback(pair, ['maintenance', 'maintenance'], { panic }))
  const got = await router.send('http://shop.test/')
  expect([got.status, header(got, 'retry-after')]).toEqual([503, '10'])
  expect(pair.flatMap(({ requests }) => requests)).toEqual([])
})
