import { describe, expect, test } from 'vitest'
import { SOURCE_LIMITS } from '../../src/proxy/source.ts'
import type { AuthoredConfig } from '../../src/schema/config.ts'
import { header } from '../support/client.ts'
import { load } from '../support/load.ts'
import { reply } from '../support/reply.ts'
import { type Router, observe, putConfig, startBareRouter, startRouter } from '../support/router.ts'
import { inOrder, perHost, stageOrigin } from '../support/stage.ts'
import { until } from '../support/until.ts'

const observed = { worker: 'observed' } as const

async function isServing(router: Router): Promise<boolean> {
  return (await router.send('http://shop.test/')).status === 200
}

/**
 * A router with a configuration of which its isolate knows nothing: it looks for one before it takes the change, and
 * would look again only if that took longer than the time between two looks.
 */
async function startUnaware(config: AuthoredConfig): Promise<Router> {
  for (;;) {
    const router = await startBareRouter(observed)
    const beganMs = Date.now()
    const put = await putConfig(router, config)
    expect(JSON.parse(put.text)).toMatchObject({ published: true })
    if (Date.now() - beganMs < SOURCE_LIMITS.refreshMs) return router
  }
}

test('no request calls a Durable Object or reads KV in the steady state', async () => {
  const origin = await stageOrigin('origin', reply({ body: 'ok' }))
  const affinity = { type: 'cookie' as const }
  const routes = { 'shop.test': {}, 'sticky.test': { affinity } }
  const router = await startRouter(perHost([origin], routes), observed)
  await isServing(router)
  const first = await router.send('http://sticky.test/')
  const cookie = header(first, 'set-cookie')?.split(';')[0] ?? ''
  // No affinity; a client that is known; and one that is new each time.
  const asks = [
    { url: 'http://shop.test/', headers: [] },
    { url: 'http://sticky.test/', headers: [['Cookie', cookie]] },
    { url: 'http://sticky.test/', headers: [] },
  ] as const
  const begunMs = performance.now()
  const { isolate: isolateBefore } = await router.status()
  const before = await observe(router)
  const tally = await load({ requests: 1500, concurrency: 32 }, (at, agent) => {
    const { url, headers } = asks[at % 3] ?? asks[0]
    return router.send(url, { agent, headers })
  })
  expect(tally).toEqual({ 200: 1500 })
  const after = await observe(router)
  const { isolate } = await router.status()
  const more = (what: string) => (isolate[what] ?? 0) - (isolateBefore[what] ?? 0)
  const refreshes = more('refreshes')
  // What there is belongs to the look for a newer snapshot, of which one may have begun before, and to a report,
  // however many requests there are.
  expect(after.controlCalls - before.controlCalls).toBeLessThanOrEqual(refreshes + 1)
  expect(refreshes).toBeLessThanOrEqual(1 + (performance.now() - begunMs) / SOURCE_LIMITS.refreshMs)
  expect(isolate.affinity).toMatchObject({ kept: 500, bound: 501 })
  expect(after.reports.length - before.reports.length).toBeLessThan(5)
  // The store is asked only by a look that got no answer in time, on a machine that stood still.
  expect(after.storeReads - before.storeReads).toBeLessThanOrEqual(more('failures'))
  expect(after.storeWrites - before.storeWrites).toBe(0)
})

describe.each(['down', 'stalled'] as const)('while the control object is %s', (mode) => {
  test('traffic flows from the last good snapshot', async () => {
    const origin = await stageOrigin('origin', reply({ body: 'ok' }))
    const router = await startRouter(inOrder([origin]), observed)
    await isServing(router)
    await observe(router, { control: mode, store: mode })
    let slow = 0
    // Until it has looked for a newer one several times, and found nobody.
    await until(async () => {
      const beganMs = Date.now()
      expect(await isServing(router)).toBe(true)
      if (Date.now() - beganMs > 1800) slow += 1
      return ((await router.status()).isolate['failures'] ?? 0) >= 3
    })
    // A look at both places takes two seconds, and no request waits for it; a machine may stand still for one.
    expect(slow).toBe(0)
  })

  test('an isolate that knows nothing starts from the store', async () => {
    const origin = await stageOrigin('origin', reply({ body: 'ok' }))
    const router = await startUnaware(inOrder([origin]))
    const { storeReads } = await observe(router, { control: mode })
    expect(await isServing(router)).toBe(true)
    expect(await observe(router)).toMatchObject({ storeReads: storeReads + 1 })
  })
})

test('an isolate that knows nothing refuses while everything is away, and serves when it is back', async () => {
  const origin = await stageOrigin('origin', reply({ body: 'ok' }))
  const router = await startUnaware(inOrder([origin]))
  await observe(router, { control: 'down', store: 'down' })
  expect((await router.send('http://shop.test/')).status).toBe(503)
  await observe(router, { control: 'up', store: 'up' })
  await until(() => isServing(router))
})

test('a new configuration is in force within seconds, and no request fails meanwhile', async () => {
  const old = await stageOrigin('old', reply({ body: 'old' }))
  const young = await stageOrigin('young', reply({ body: 'young' }))
  const router = await startRouter(inOrder([old]))
  expect((await router.send('http://shop.test/')).text).toBe('old')
  await putConfig(router, inOrder([young]))
  await until(async () => {
    const got = await router.send('http://shop.test/')
    expect(got.status).toBe(200)
    return got.text === 'young'
  })
})

test('the cron runs with and without a configuration, and leaves a good store as it is', async () => {
  const router = await startBareRouter()
  await router.runtime.fireCron('* * * * *')
  const origin = await stageOrigin('origin')
  await putConfig(router, inOrder([origin]))
  const store = await router.runtime.miniflare.getKVNamespace('SNAPSHOTS')
  const published = await store.get('snapshot')
  expect(published).toContain(origin.url)
  await router.runtime.fireCron('* * * * *')
  expect(await store.get('snapshot')).toBe(published)
})

test('an isolate that is only asked about itself finds a newer revision too', async () => {
  const origin = await stageOrigin('origin', reply({ body: 'ok' }))
  const router = await startRouter(inOrder([origin]), observed)
  const first = await router.status()
  await putConfig(router, {
    ...inOrder([origin]),
    settings: { name: 'renamed' },
  })
  await until(async () => (await router.status()).revision > first.revision)
  expect((await router.status()).revision).toBe(first.revision + 1)
})
