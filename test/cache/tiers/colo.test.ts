import { beforeEach, expect, it } from 'vitest'
import { type Colo, openColo } from '../../../src/cache/colo.ts'
import { toHeadText } from '../../../src/cache/envelope.ts'
import { nameOfKey } from '../../../src/cache/policy/key.ts'
import { STORED_FORMAT } from '../../../src/cache/policy/stored.ts'
import { sliceOf } from '../../../src/cache/slice.ts'
import { NOW_MS, storedOf } from '../../support/stored.ts'
import { answerOf, bytesOf, readAll, readKept, streamOf } from './kept.ts'

const HOUR_MS = 3_600_000
const HOST = 'shop.test'

let colo: Colo
let key: string
let name: string
let tests = 0

beforeEach(() => {
  tests += 1
  key = `key-${tests}`
  name = nameOfKey(key)
  colo = openColo(caches, HOST)
})

/** As it stands in the Cache API. */
async function raw(): Promise<Response | undefined> {
  const cache = await caches.open('portolan-answers')
  return cache.match(`https://${HOST}/portolan-cache/${name}`)
}

async function putRaw(response: Response): Promise<void> {
  const cache = await caches.open('portolan-answers')
  await cache.put(`https://${HOST}/portolan-cache/${name}`, response)
}

const HEADERS = { 'cache-control': 'public, max-age=60' }

it('gives back what was put, whatever its status and encoding', async () => {
  const head = storedOf({
    status: 404,
    fields: [
      ['content-encoding', 'gzip'],
      ['x-name', 'Ärger – 東京 \u0001'],
      ['set-cookie', 'never=mind'],
    ],
  })
  await colo.put(name, { type: 'answer', head, body: bytesOf(1000) }, HOUR_MS)
  expect(await readKept(await colo.get(name))).toEqual({
    head: { ...head, bodyBytes: 1000 },
    body: bytesOf(1000),
  })
})

it('keeps it for as long as it was told, and nothing for no time', async () => {
  await colo.put(name, answerOf(bytesOf(10)), 1500)
  const found = await raw()
  expect(found?.headers.get('cache-control')).toBe('public, max-age=2')
  await found?.body?.cancel()
  await colo.delete(name)
  await colo.put(name, answerOf(bytesOf(10)), 0)
  expect(await colo.get(name)).toBeUndefined()
})

it('holds answers without a body and what answers vary by', async () => {
  await colo.put(name, answerOf(null, { status: 204 }), HOUR_MS)
  expect(await colo.get(name)).toEqual(answerOf(null, { status: 204, bodyBytes: 0 }))
  const head = { format: STORED_FORMAT, key: 'key', vary: ['accept'], sinceMs: NOW_MS } as const
  await colo.put(name, { type: 'variants', head }, HOUR_MS)
  expect(await colo.get(name)).toEqual({ type: 'variants', head })
})

it('streams a large body of known length', async () => {
  const body = bytesOf(300_000)
  await colo.put(
    name,
    answerOf(streamOf([body], { length: 300_000 }), { bodyBytes: 300_000 }),
    HOUR_MS,
  )
  const kept = await colo.get(name)
  expect(kept?.type === 'answer' && kept.body).toBeInstanceOf(ReadableStream)
  expect((await readKept(kept))?.body).toEqual(body)
})

it('learns the length of a body that says none', async () => {
  const body = bytesOf(300_000)
  await colo.put(name, answerOf(streamOf([body.slice(0, 1000), body.slice(1000)])), HOUR_MS)
  expect(await readKept(await colo.get(name))).toEqual({
    head: storedOf({ bodyBytes: 300_000 }),
    body,
  })
})

it.each([
  ['of unknown length', undefined],
  ['of known length', 1_000_000],
])('keeps what it had when a body %s breaks off', async (_, bodyBytes) => {
  await colo.put(name, answerOf(bytesOf(10)), HOUR_MS)
  const broken = streamOf([bytesOf(500_000)], { length: bodyBytes, end: 'broken' })
  await expect(colo.put(name, answerOf(broken, { bodyBytes }), HOUR_MS)).rejects.toThrow('brok')
  // What the runtime stores after all it stores a moment later.
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect((await readKept(await colo.get(name)))?.body).toEqual(bytesOf(10))
})

it('believes no put that resolves for a body that broke off', async () => {
  const cache = await caches.open('portolan-answers')
  const trusting = {
    match: cache.match.bind(cache),
    delete: cache.delete.bind(cache),
    put: (...given: Parameters<Cache['put']>) => cache.put(...given).catch(() => undefined),
  }
  const misled = openColo({ open: async () => trusting, default: cache }, HOST)
  const broken = streamOf([bytesOf(500_000)], { length: 1_000_000, end: 'broken' })
  const lying = answerOf(broken, { bodyBytes: 1_000_000 })
  await expect(misled.put(name, lying, HOUR_MS)).rejects.toThrow('broke off')
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(await raw()).toBeUndefined()
})

it('gives out no large body as whole that is shorter than it says', async () => {
  const head = toHeadText({ type: 'answer', head: storedOf({ bodyBytes: 200_001 }) })
  await putRaw(new Response(bytesOf(200_000), { headers: { ...HEADERS, 'portolan-head': head } }))
  await expect(readKept(await colo.get(name))).resolves.toBeUndefined()
})

it('stores no body of another length than it says', async () => {
  const short = streamOf([bytesOf(200_000)], { length: 200_001 })
  const lying = answerOf(short, { bodyBytes: 200_001 })
  await expect(colo.put(name, lying, HOUR_MS)).rejects.toThrow('FixedLengthStream')
  expect(await colo.get(name)).toBeUndefined()
})

it('takes several of one name at once, and holds one of them whole', async () => {
  const sizes = [1000, 2000, 200_000]
  await Promise.all(sizes.map((size) => colo.put(name, answerOf(bytesOf(size)), HOUR_MS)))
  const kept = await readKept(await colo.get(name))
  expect(sizes).toContain(kept?.body?.byteLength)
  expect(kept?.head).toEqual(storedOf({ bodyBytes: kept?.body?.byteLength }))
})

it('refuses a head that is too large for a header', async () => {
  const fields = [['x-large', 'x'.repeat(70_000)]] as const
  await expect(colo.put(name, answerOf(bytesOf(1), { fields }), HOUR_MS)).rejects.toThrow('head')
})

it('takes what is none of its own for missing, and overwrites it', async () => {
  const told = JSON.stringify({ type: 'answer', head: storedOf({ bodyBytes: 5 }) })
  const garbage: readonly (readonly [string, Response])[] = [
    ['no head', new Response('12345', { headers: HEADERS })],
    ['no JSON', new Response('12345', { headers: { ...HEADERS, 'portolan-head': '{"type":' } })],
    [
      'an older format',
      new Response('12345', {
        headers: { ...HEADERS, 'portolan-head': told.replace('"format":1', '"format":0') },
      }),
    ],
    [
      'a head that lacks something',
      new Response('12345', {
        headers: { ...HEADERS, 'portolan-head': told.replace('"freshMs"', '"fresh"') },
      }),
    ],
    ['another length', new Response('1234', { headers: { ...HEADERS, 'portolan-head': told } })],
  ]
  for (const [what, response] of garbage) {
    await putRaw(response)
    expect([what, await colo.get(name)]).toEqual([what, undefined])
  }
  await putRaw(new Response('12345', { headers: { ...HEADERS, 'portolan-head': told } }))
  expect(await colo.get(name)).toMatchObject({ type: 'answer' })
  await colo.put(name, answerOf(bytesOf(3)), HOUR_MS)
  expect((await readKept(await colo.get(name)))?.body).toEqual(bytesOf(3))
})

it.each([
  [0, 99],
  [299_900, 299_999],
  [270_000, 270_000],
])('gives a part of a large body: %i to %i', async (start, end) => {
  const body = bytesOf(300_000)
  await colo.put(name, answerOf(body), HOUR_MS)
  const kept = await colo.get(name)
  if (kept?.type !== 'answer') throw new Error('nothing kept')
  const part = await sliceOf(kept, { start, end }, colo)
  expect(part instanceof ReadableStream && (await readAll(part))).toEqual(
    body.slice(start, end + 1),
  )
})

it('cuts the part from what it has when another answer took the place meanwhile', async () => {
  const body = bytesOf(300_000)
  await colo.put(name, answerOf(body), HOUR_MS)
  const kept = await colo.get(name)
  if (kept?.type !== 'answer') throw new Error('nothing kept')
  await colo.put(name, answerOf(new ArrayBuffer(300_000), { receivedAtMs: NOW_MS + 1 }), HOUR_MS)
  const part = await sliceOf(kept, { start: 290_000, end: 290_009 }, colo)
  expect(part instanceof ReadableStream && (await readAll(part))).toEqual(
    body.slice(290_000, 290_010),
  )
})

it('cuts a part from memory and from a stream of elsewhere', async () => {
  const body = bytesOf(1000)
  expect(await sliceOf(answerOf(body), { start: 5, end: 9 })).toEqual(body.slice(5, 10))
  const part = await sliceOf(answerOf(streamOf([body])), { start: 900, end: 999 })
  expect(part instanceof ReadableStream && (await readAll(part))).toEqual(body.slice(900))
  const short = await sliceOf(answerOf(streamOf([body])), { start: 900, end: 1000 })
  await expect(short instanceof ReadableStream && readAll(short)).rejects.toThrow(
    'before it should',
  )
})
