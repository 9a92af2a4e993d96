import { expect, test } from 'vitest'
import { header } from '../support/client.ts'
import { after, reply } from '../support/reply.ts'
import { type Router, startRouter } from '../support/router.ts'
import { stageOrigin } from '../support/stage.ts'
import { until } from '../support/until.ts'

/** So slow that a busy machine, on which 45 requests at once take their time, is not too slow. */
const shedding = { p95Above: '1s', window: '1s', minRequests: 10 } as const

/** A pool that is slow until told otherwise, a spare one behind it, and a route of each class. */
async function stage() {
  const main = await stageOrigin('main', after(1300, reply({ body: 'main' })))
  const spare = await stageOrigin('spare', reply({ body: 'spare' }))
  const steer = { policy: 'failover' as const, pools: ['main'], fallback: 'spare' }
  const router = await startRouter({
    interlocks: { maxChangePercent: 100 },
    pools: {
      main: { shedding, origins: { main: { url: main.url } } },
      spare: { origins: { spare: { url: spare.url } } },
    },
    routes: {
      pay: { match: { path: '/pay' }, criticality: 'critical', steer },
      report: { match: { path: '/report' }, criticality: 'sheddable', steer },
      alone: {
        match: { path: '/alone' },
        criticality: 'sheddable',
        steer: { policy: 'failover', pools: ['main'] },
        panic: { rule: 'refuse', retryAfter: '7s' },
      },
      site: { steer },
    },
  })
  return { main, router }
}

const PATHS = ['/pay', '/report', '/']

/** Some requests of each class at a time, until something is so; who answered them, all together, by path. */
async function pressUntil(router: Router, isSo: () => Promise<boolean>, ofEach = 15) {
  const seen: Record<string, { main: number; spare: number }> = {}
  await until(async () => {
    const sent = PATHS.flatMap((path) => Array.from({ length: ofEach }, () => send(router, path)))
    for (const { path, text } of await Promise.all(sent)) {
      const counts = (seen[path] ??= { main: 0, spare: 0 })
      counts[text === 'spare' ? 'spare' : 'main'] += 1
    }
    return isSo()
  })
  return seen
}

async function send(router: Router, path: string) {
  const { text } = await router.send(`http://shop.test${path}`)
  return { path, text }
}

async function shedOf(router: Router) {
  const { shedding: pools = [] } = await router.status()
  return pools.find(({ pool }) => pool === 'main')?.byItself
}

test('a pool that is too slow sheds what is sheddable first, and goes on with what is critical', async () => {
  const { main, router } = await stage()
  const first = await pressUntil(
    router,
    async () => (await shedOf(router))?.sheddablePercent === 100,
  )
  const spilled = (path: string) => first[path]?.spare ?? 0
  expect(spilled('/')).toBeLessThanOrEqual(spilled('/report'))
  // A round that takes long may find nothing shed at its beginning, and all of it at its end.
  const next = await pressUntil(router, async () => true)
  expect([next['/report'], next['/pay']]).toEqual([
    { main: 0, spare: 15 },
    { main: 15, spare: 0 },
  ])
  const later = await pressUntil(
    router,
    async () => ((await shedOf(router))?.defaultPercent ?? 0) > 20,
  )
  expect([first['/pay']?.spare, later['/pay']?.spare]).toEqual([0, 0])
  expect((await shedOf(router))?.why).toContain('above 1000 ms')

  const refused = await router.send('http://shop.test/alone')
  expect([refused.status, header(refused, 'retry-after')]).toEqual([503, '7'])
  expect(JSON.parse(refused.text)).toMatchObject({ reason: 'overloaded' })

  main.answer(reply({ body: 'main' }))
  // It comes back a point in a window where it was too much before: 20 windows and more in all.
  for (const percent of [30, 0]) {
    const back = await pressUntil(
      router,
      async () => ((await shedOf(router))?.defaultPercent ?? 100) <= percent,
      5,
    )
    expect(back['/pay']?.spare).toBe(0)
  }
})

test('what an operator takes off a pool goes to the next one, until it is given back', async () => {
  const { main, router } = await stage()
  main.answer(reply({ body: 'main' }))
  const path = '/_portolan/v1/pools/main/shedding'
  const body = { newPercent: 100, reason: 'too much' }
  const put = await router.admin('PUT', path, body)
  expect([put.status, JSON.parse(put.text).reason]).toEqual([409, 'interlock'])
  const half = { newPercent: 50, by: 'random', reason: 'too much' }
  expect((await router.admin('PUT', path, half)).status).toBe(200)
  await until(async () => (await send(router, '/')).text === 'spare')
  const seen = await pressUntil(router, async () => true)
  expect(seen['/pay']).toEqual({ main: 15, spare: 0 })
  expect((await router.admin('DELETE', path)).status).toBe(200)
  await pressUntil(router, async () => (await router.status()).shedding === undefined)
  expect((await pressUntil(router, async () => true))['/']).toEqual({ main: 15, spare: 0 })
})
