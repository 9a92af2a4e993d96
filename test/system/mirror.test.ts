import { expect, test } from 'vitest'
import type { AuthoredConfig } from '../../src/schema/config.ts'
import type { Origin } from '../support/origin.ts'
import { gate, identify, reply } from '../support/reply.ts'
import { header } from '../support/client.ts'
import { type Router, startRouter } from '../support/router.ts'
import { inOrder, stageOrigin } from '../support/stage.ts'
import { until } from '../support/until.ts'

function mirrored(main: Origin, copy: Pick<Origin, 'url'>, percent = 100): AuthoredConfig {
  const config = inOrder([main], { mirror: { pool: 'copies', percent } })
  return { ...config, pools: { ...config.pools, copies: { origins: { copy: { url: copy.url } } } } }
}

async function mirrorsOf(router: Router) {
  return (await router.status()).isolate.mirrors
}

test('a copy of each request goes to the other pool, body and all', async () => {
  const main = await stageOrigin('main')
  const copy = await stageOrigin('copy')
  const router = await startRouter(mirrored(main, copy))
  const got = await router.send('http://shop.test/a?b', { method: 'POST', body: 'order' })
  expect(JSON.parse(got.text)).toMatchObject({ origin: 'main', bodyBytes: 5 })
  await until(() => copy.requests[0]?.bodySha256 !== undefined)
  expect(copy.requests).toMatchObject([{ method: 'POST', target: '/a?b', bodyText: 'order' }])
  expect(main.requests).toHaveLength(1)
})

test('the client waits for the origin alone, and gets nothing of the copy', async () => {
  const main = await stageOrigin('main')
  const held = gate(identify)
  const copy = await stageOrigin('copy', held.reply)
  const router = await startRouter(mirrored(main, copy))
  const got = await router.send('http://shop.test/')
  expect([got.status, header(got, 'x-origin')]).toEqual([200, 'main'])
  await held.reached
  held.open()
})

test.each(['fails', 'is away'])('a copy that %s changes nothing for the client', async (how) => {
  const main = await stageOrigin('main')
  const copy = await stageOrigin('copy', reply({ status: 503 }))
  if (how === 'is away') await copy.kill()
  const router = await startRouter(mirrored(main, copy))
  for (let count = 0; count < 12; count += 1) {
    expect((await router.send('http://shop.test/')).status).toBe(200)
  }
  const { origins, isolate } = await router.status()
  expect(origins.find(({ origin }) => origin === 'copy')).toMatchObject({ ejections: 0 })
  expect(isolate).toMatchObject({ retries: 0, mistakes: 0 })
})

test('a body that streams goes to the origin alone', async () => {
  const main = await stageOrigin('main')
  const copy = await stageOrigin('copy')
  const router = await startRouter(mirrored(main, copy))
  const body = Buffer.alloc(100_000)
  const got = await router.send('http://shop.test/', { method: 'POST', body })
  expect(JSON.parse(got.text)).toMatchObject({ origin: 'main', bodyBytes: 100_000 })
  expect(await mirrorsOf(router)).toEqual({ sent: 0, failed: 0, skipped: 1 })
  expect(copy.requests).toEqual([])
})

test('a share of the requests is copied', async () => {
  const main = await stageOrigin('main')
  const copy = await stageOrigin('copy')
  const router = await startRouter(mirrored(main, copy, 30))
  for (let count = 0; count < 200; count += 1) await router.send('http://shop.test/')
  const { sent } = await mirrorsOf(router)
  // 60 expected; four standard deviations (6.5) to either side.
  expect(sent).toBeGreaterThan(34)
  expect(sent).toBeLessThan(86)
})
