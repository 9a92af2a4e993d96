import { EventEmitter, once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { header, type Received } from '../support/client.ts'
import { http, shareLanes } from '../support/lane.ts'
import { runtimeMemoryMib } from '../support/memory.ts'
import type { Reply } from '../support/origin.ts'
import { reply } from '../support/reply.ts'
import { observe, startBareRouter, startRouter } from '../support/router.ts'
import { inOnePool, inOrder, perHost, stageOrigin } from '../support/stage.ts'
import { until } from '../support/until.ts'

const MIB = 2 ** 20

/** What a body that passes may cost, also while it is kept: small against its 100 MiB. */
const FLAT_MIB = 48

const LONG = ['Cache-Control', 'max-age=7200'] as const
const LARGE = Buffer.alloc(MIB, 'The quick brown fox jumps over the lazy dog. ')

const onlyColo = { cache: { tiers: { memory: false, kv: false } } }
const onlyKv = { cache: { tiers: { memory: false, colo: false } } }

/** A body that comes in two halves, the second one when it is let go. */
function halves(framing: 'length' | 'chunked') {
  const events = new EventEmitter()
  const rest = once(events, 'rest') as Promise<['whole' | 'broken']>
  const answer: Reply = async ({ response }) => {
    const length = framing === 'length' ? ['Content-Length', String(LARGE.length)] : []
    response.writeHead(200, [...LONG, ...length])
    response.write(LARGE.subarray(0, MIB / 2))
    const [end] = await rest
    if (end === 'broken') response.destroy()
    else response.end(LARGE.subarray(MIB / 2))
  }
  return { reply: answer, letGo: (end: 'whole' | 'broken') => void events.emit('rest', end) }
}

const large = reply({ headers: [LONG], body: LARGE })
const chunked: Reply = ({ response }) => {
  response.writeHead(200, [...LONG])
  response.end(LARGE)
}

const statusOf = (received: Received) => header(received, 'cache-status') ?? ''
const isHit = (received: Received) => statusOf(received).includes('; hit')

const lane = shareLanes()

const endless = lane({ origin: http(chunked) }, { cache: { maxObjectBytes: MIB / 2 } })

test('of what turned out too large the next one is not waited for', async () => {
  const { router, url } = endless()
  expect(statusOf(await router.send(url))).toContain('fwd=uri-miss; fwd-status=200; stored')
  await until(async () => statusOf(await router.send(url)).includes('detail=hit-for-miss'))
})

describe.each([
  ['of known length', large],
  ['of unknown length', chunked],
])('a large answer %s', (_, answer) => {
  const inColo = lane({ origin: http(answer) }, onlyColo)

  test('is kept by the data centre while it is read, and so are its parts', async () => {
    const { router, url, origin } = inColo()
    const first = await router.send(url)
    expect([first.complete, first.body.equals(LARGE), isHit(first)]).toEqual([true, true, false])
    await until(async () => isHit(await router.send(url)))
    const part = await router.send(url, { headers: [['Range', 'bytes=1000000-1000009']] })
    expect([part.status, part.body, header(part, 'content-range')]).toEqual([
      206,
      LARGE.subarray(1_000_000, 1_000_010),
      `bytes 1000000-1000009/${MIB}`,
    ])
    const whole = await router.send(url)
    expect(whole.body.equals(LARGE)).toBe(true)
    expect(header(whole, 'content-length')).toBe(String(MIB))
    expect(origin.requests.length).toBeLessThan(3)
  })
})

describe.each(['length', 'chunked'] as const)('a large answer with %s', (framing) => {
  const leaving = lane({ origin: http() }, onlyColo)
  const breaking = lane({ origin: http() }, onlyColo)

  test('is kept when its client leaves in the middle', async () => {
    const { router, url, origin } = leaving()
    const body = halves(framing)
    origin.answer(body.reply)
    const answer = await router.open(url)
    await once(answer.body, 'data')
    answer.body.on('error', () => undefined)
    answer.abandon()
    await until(() => answer.body.closed)
    body.letGo('whole')
    await until(async () => {
      const got = await router.send(url, { headers: [['Cache-Control', 'only-if-cached']] })
      return got.status === 200 && got.body.equals(LARGE)
    })
    expect(origin.requests.length).toBe(1)
  })

  test('is not kept when its origin breaks it off', async () => {
    const { router, url, origin } = breaking()
    const body = halves(framing)
    origin.answer(body.reply)
    const answer = await router.open(url)
    await once(answer.body, 'data')
    body.letGo('broken')
    answer.body.on('error', () => undefined).resume()
    await until(() => answer.body.closed)
    expect(answer.body.complete).toBe(false)
    origin.answer(large)
    const next = await router.send(url)
    expect([isHit(next), next.body.equals(LARGE)]).toEqual([false, true])
  })
})

test('a kept answer whose end is waited for has one', async () => {
  const origin = await stageOrigin('origin', large)
  const pool = { balance: { algorithm: 'least-connections' } } as const
  const route = { ...onlyColo, concurrency: { perRoute: 5 } }
  const router = await startRouter(inOnePool([origin], pool, route))
  for (const path of ['one', 'two', 'two']) {
    const got = await router.send(`http://shop.test/${path}`)
    expect([got.complete, got.body.equals(LARGE)]).toEqual([true, true])
  }
})

const inKv = lane({ origin: http(reply({ headers: [LONG], body: 'page' })) }, onlyKv)

test('what lives long goes to KV at once, and garbage there is as good as nothing', async () => {
  const { router, url, origin } = inKv()
  await router.send(url)
  await until(async () => isHit(await router.send(url)))
  const fetched = origin.requests.length
  const store = await router.runtime.miniflare.getKVNamespace('CACHE')
  const { keys } = await store.list()
  for (const { name } of keys) await store.put(name, 'PTL what somebody has written by hand')
  const got = await router.send(url)
  expect([got.text, isHit(got)]).toEqual(['page', false])
  expect(origin.requests.length).toBe(fetched + 1)
})

test('isolates share what is kept beyond their memory, and what is said to have changed', async () => {
  const origin = await stageOrigin('origin', reply({ headers: [LONG], body: 'old' }))
  const both = { cache: { tiers: { memory: false } } }
  const config = perHost([origin], { 'colo.test': onlyColo, 'kv.test': onlyKv, 'both.test': both })
  const router = await startRouter(config, { worker: 'observed' })
  const urls = ['http://colo.test/page', 'http://kv.test/page', 'http://both.test/page']
  const inSecond = (url: string) => router.send(url, { headers: [['rig-isolate', 'second']] })
  for (const url of urls) await router.send(url)
  // What an isolate has not found in KV it does not look for again within half a minute.
  const store = await router.runtime.miniflare.getKVNamespace('CACHE')
  await until(async () => (await store.list()).keys.length === 2)
  for (const url of urls) await until(async () => isHit(await inSecond(url)))
  origin.answer(reply({ headers: [LONG], body: 'new' }))
  for (const url of urls) {
    expect((await inSecond(url)).text).toBe('old')
    await router.send(url, { method: 'POST', body: 'change' })
    await until(async () => (await inSecond(url)).text === 'new')
  }
})

test('no request fails while the tiers stand still, and few wait for them', async () => {
  const origin = await stageOrigin('origin', reply({ headers: [LONG], body: 'page' }))
  const router = await startRouter(inOrder([origin], { cache: {} }), { worker: 'observed' })
  await observe(router, { colo: 'stalled', kv: 'stalled' })
  const beganMs = Date.now()
  for (let page = 0; page < 20; page += 1) {
    for (const expected of [false, true]) {
      const got = await router.send(`http://shop.test/${page}`)
      expect([got.status, got.text, isHit(got)]).toEqual([200, 'page', expected])
    }
  }
  // Three are waited for, and then one in ten seconds.
  const { coloReads, kvReads } = await observe(router)
  const most = 3 + Math.floor((Date.now() - beganMs) / 10_000)
  expect(Math.min(coloReads, kvReads)).toBeGreaterThanOrEqual(3)
  expect(Math.max(coloReads, kvReads)).toBeLessThanOrEqual(most)
})

test('KV outlives the runtime', async () => {
  const stateDir = mkdtempSync(join(tmpdir(), 'portolan-tiers-'))
  onTestFinished(() => rmSync(stateDir, { recursive: true, force: true }))
  const origin = await stageOrigin('origin', reply({ headers: [LONG], body: 'page' }))
  const first = await startBareRouter({ stateDir })
  await first.admin('PUT', '/_portolan/v1/config', inOrder([origin], { cache: {} }))
  await until(async () => (await first.send('/_portolan/health/ready')).status === 200)
  const url = 'http://shop.test/page'
  await first.send(url)
  const store = await first.runtime.miniflare.getKVNamespace('CACHE')
  await until(async () => (await store.list()).keys.length > 0)
  await first.runtime.dispose()
  await origin.kill()

  const second = await startBareRouter({ stateDir })
  await until(async () => (await second.send('/_portolan/health/ready')).status === 200)
  const got = await second.send(url)
  expect([got.status, got.text, isHit(got)]).toEqual([200, 'page', true])
})

/** So many bytes, as fast as they are read and never held. */
function big(bytes: number): Reply {
  return async ({ response }) => {
    response.writeHead(200, [...LONG, 'Content-Length', String(bytes)])
    const piece = Buffer.alloc(65_536)
    for (let left = bytes; left > 0; left -= piece.length) {
      if (!response.write(piece)) await once(response, 'drain')
    }
    response.end()
  }
}

test.runIf(existsSync('/proc'))(
  '100 MiB are kept in flat memory while a client reads slowly',
  async () => {
    const bytes = 100 * MIB
    const origin = await stageOrigin('origin', big(bytes))
    const route = { cache: { maxObjectBytes: bytes, tiers: { kv: false } } }
    const router = await startRouter(inOrder([origin], route))
    const before = runtimeMemoryMib()
    const answer = await router.open('http://shop.test/big')
    let got = 0
    let peak = 0
    for await (const chunk of answer.body as AsyncIterable<Buffer>) {
      const isDue = got % (8 * MIB) < chunk.length
      got += chunk.length
      if (!isDue) continue
      peak = Math.max(peak, runtimeMemoryMib())
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    expect(got).toBe(bytes)
    expect(peak - before).toBeLessThan(FLAT_MIB)
    await until(async () => isHit(await router.send('http://shop.test/big', { method: 'HEAD' })))
  },
)
