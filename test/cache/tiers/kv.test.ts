import { env } from 'cloudflare:workers'
import { beforeEach, expect, it, vi } from 'vitest'
import { type Kv, openKv } from '../../../src/cache/kv.ts'
import { STORED_FORMAT } from '../../../src/cache/policy/stored.ts'
import { createTierMemory, type TierMemory } from '../../../src/cache/tier-memory.ts'
import type { Kept } from '../../../src/cache/tier.ts'
import { NOW_MS, storedOf } from '../../support/stored.ts'
import { answerOf, bytesOf, readKept, streamOf } from './kept.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000

let kv: Kv
let memory: TierMemory
let name: string
let tests = 0

beforeEach(() => {
  vi.restoreAllMocks()
  tests += 1
  name = `answer-${tests}`
  memory = createTierMemory()
  kv = openKv(env.CACHE, memory)
})

it('gives back what was put, for another isolate as well', async () => {
  const fields = [['x-name', 'Ärger – 東京']] as const
  await kv.put(name, answerOf(bytesOf(1000), { fields }), HOUR_MS)
  const other = openKv(env.CACHE, createTierMemory())
  expect(await readKept(await other.get(name))).toEqual({
    head: storedOf({ fields, bodyBytes: 1000 }),
    body: bytesOf(1000),
  })
})

it('holds answers without a body, what answers vary by, and nothing for what was deleted', async () => {
  await kv.put(name, answerOf(null, { status: 301 }), HOUR_MS)
  expect(await kv.get(name)).toEqual(answerOf(null, { status: 301, bodyBytes: 0 }))
  await kv.put(name, variantsOf(['accept']), HOUR_MS)
  expect(await kv.get(name)).toEqual(variantsOf(['accept']))
  await kv.delete(name)
  expect(await kv.get(name)).toBeUndefined()
})

it('streams a large body in and out', async () => {
  const body = bytesOf(300_000)
  const streamed = answerOf(streamOf([body.slice(0, 70_000), body.slice(70_000)]), {
    bodyBytes: 300_000,
  })
  await kv.put(name, streamed, HOUR_MS)
  const kept = await kv.get(name)
  expect(kept?.type === 'answer' && kept.body).toBeInstanceOf(ReadableStream)
  expect((await readKept(kept))?.body).toEqual(body)
})

it('lets it go when it was told, and after a minute at the earliest', async () => {
  const put = vi.spyOn(env.CACHE, 'put')
  await kv.put(name, answerOf(bytesOf(1)), HOUR_MS + 1)
  await kv.put(name, answerOf(bytesOf(1)), 1)
  expect(put.mock.calls.map(([, , options]) => options?.expirationTtl)).toEqual([3601, 60])
})

it('leaves nothing of a body that breaks off', async () => {
  await kv.put(name, answerOf(bytesOf(1)), HOUR_MS)
  const broken = streamOf([bytesOf(200_000)], { end: 'broken' })
  await expect(kv.put(name, answerOf(broken, { bodyBytes: 300_000 }), HOUR_MS)).rejects.toThrow(
    'broken off',
  )
  expect(await env.CACHE.get(name)).toBeNull()
})

it('believes no put that resolves for a body that broke off', async () => {
  const { CACHE } = env
  const put = CACHE.put.bind(CACHE)
  vi.spyOn(CACHE, 'put').mockImplementation(async (...given: Parameters<typeof put>) =>
    put(...given).catch(() => undefined),
  )
  const broken = streamOf([bytesOf(200_000)], { end: 'broken' })
  const lying = answerOf(broken, { bodyBytes: 300_000 })
  await expect(kv.put(name, lying, HOUR_MS)).rejects.toThrow('broke off')
  expect(await CACHE.get(name)).toBeNull()
})

it('lets go of a body that a failing KV never reads', async () => {
  vi.spyOn(env.CACHE, 'put').mockRejectedValueOnce(new Error('KV PUT failed: 429'))
  const { readable, writable } = new FixedLengthStream(300_000)
  const writer = writable.getWriter()
  const put = kv.put(name, answerOf(readable, { bodyBytes: 300_000 }), HOUR_MS)
  await expect(put).rejects.toThrow('429')
  await expect(writer.write(new Uint8Array(1))).rejects.toThrow('429')
})

it('takes nothing of unknown length, and nothing larger than KV does', async () => {
  await expect(kv.put(name, answerOf(streamOf([bytesOf(10)])), HOUR_MS)).rejects.toThrow('unknown')
  const { readable, writable } = new FixedLengthStream(26_214_400)
  const large = answerOf(readable, { bodyBytes: 26_214_400 })
  await expect(kv.put(name, large, HOUR_MS)).rejects.toThrow('26214')
  expect(await kv.get(name)).toBeUndefined()
  // Nor does it hold what it does not take.
  await expect(writable.getWriter().write(new Uint8Array(1))).rejects.toThrow('26214')
})

it('takes what is none of its own for missing, and overwrites it', async () => {
  await kv.put(name, answerOf(bytesOf(5)), HOUR_MS)
  const value = new Uint8Array((await env.CACHE.get(name, 'arrayBuffer')) ?? new ArrayBuffer(0))
  const text = new TextDecoder().decode(value)
  const garbage: readonly (readonly [string, string | Uint8Array])[] = [
    ['nothing', ''],
    ['a short text', 'PTL'],
    ['a text', 'what somebody has written by hand'],
    ['another form', text.replace('PTL\u0001', 'PTL\u0002')],
    ['an older format', text.replace('"format":1', '"format":0')],
    ['a head without its end', text.slice(0, 200)],
    ['a body without its end', value.subarray(0, -1)],
    ['a body after its end', new Uint8Array([...value, 0])],
    ['a head that is too long', value.map((byte, at) => (at === 4 ? 255 : byte))],
  ]
  for (const [what, bytes] of garbage) {
    await env.CACHE.put(name, bytes)
    const other = openKv(env.CACHE, createTierMemory())
    expect([what, await other.get(name)]).toEqual([what, undefined])
  }
  await offer({ hits: 0 })
  expect(await readKept(await kv.get(name))).toMatchObject({ body: bytesOf(3) })
})

it('breaks off for the reader where a large body is shorter than it should be', async () => {
  await kv.put(name, answerOf(bytesOf(300_000)), HOUR_MS)
  const value = (await env.CACHE.get(name, 'arrayBuffer')) ?? new ArrayBuffer(0)
  await env.CACHE.put(name, value.slice(0, -1))
  await expect(readKept(await kv.get(name))).rejects.toThrow('FixedLengthStream')
})

it('writes what is long-lived at once, and anything else at its second use', async () => {
  expect(kv.offer(toOffer({ hits: 0, freshMs: HOUR_MS - 1 }), NOW_MS)).toBeUndefined()
  expect(kv.offer(toOffer({ hits: 1, freshMs: MINUTE_MS }), NOW_MS)).toBeUndefined()
  expect(await kv.get(name)).toBeUndefined()
  await kv.offer(toOffer({ hits: 1, freshMs: MINUTE_MS }), NOW_MS)
  expect(await kv.get(name)).toMatchObject({ type: 'answer' })

  name = `${name}-long`
  await kv.offer(toOffer({ hits: 0, freshMs: HOUR_MS }), NOW_MS)
  expect(await kv.get(name)).toMatchObject({ type: 'answer' })
})

it('asks for what is not there once in half a minute', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW_MS })
  const get = vi.spyOn(env.CACHE, 'get')
  expect(await kv.get(name)).toBeUndefined()
  vi.setSystemTime(NOW_MS + 29_999)
  expect(await kv.get(name)).toBeUndefined()
  expect(get).toHaveBeenCalledTimes(1)
  vi.setSystemTime(NOW_MS + 30_000)
  expect(await kv.get(name)).toBeUndefined()
  expect(get).toHaveBeenCalledTimes(2)
  await offer({ hits: 2 })
  expect(await kv.get(name)).toMatchObject({ type: 'answer' })
  vi.useRealTimers()
})

it('does not write what another isolate has written, nor load it', async () => {
  await offer({ hits: 2 })
  const other = openKv(env.CACHE, createTierMemory())
  const put = vi.spyOn(env.CACHE, 'put')
  const load = vi.fn<() => Promise<Kept>>(async () => answerOf(bytesOf(3)))
  await other.offer({ ...toOffer({ hits: 2 }), load }, NOW_MS)
  expect(put).not.toHaveBeenCalled()
  expect(load).not.toHaveBeenCalled()
  await other.offer({ ...toOffer({ hits: 2, receivedAtMs: NOW_MS + 1 }), load }, NOW_MS + 61_000)
  expect(put).toHaveBeenCalledOnce()
})

it('writes by what an answer varies before the answer', async () => {
  const variants = { name: `${name}-key`, kept: variantsOf(['accept']) }
  const put = vi.spyOn(env.CACHE, 'put')
  await kv.offer({ ...toOffer({ hits: 0 }), variants }, NOW_MS)
  expect(put.mock.calls.map(([key]) => key)).toEqual([variants.name, name])
  expect(await kv.get(variants.name)).toEqual(variants.kept)
})

it('takes away what stands there, and asks for it first', async () => {
  await offer({ hits: 0 })
  const remove = vi.spyOn(env.CACHE, 'delete')
  const other = openKv(env.CACHE, createTierMemory())
  await other.forget(name, NOW_MS)
  expect(await env.CACHE.get(name)).toBeNull()
  await other.forget(name, NOW_MS)
  await openKv(env.CACHE, createTierMemory()).forget('never-there', NOW_MS)
  expect(remove.mock.calls).toEqual([[name]])
  remove.mockRejectedValueOnce(new Error('KV DELETE failed: 500'))
  await offer({ hits: 2, receivedAtMs: NOW_MS + 1 })
  await expect(kv.forget(name, NOW_MS)).resolves.toBeUndefined()
})

it('counts a failure and keeps it to itself', async () => {
  vi.spyOn(env.CACHE, 'put').mockRejectedValueOnce(new Error('KV PUT failed: 429'))
  await offer({ hits: 0 })
  expect(memory.standings.kv).toMatchObject({ puts: 0, failedPuts: 1 })
})

function variantsOf(vary: readonly string[]): Extract<Kept, { type: 'variants' }> {
  return { type: 'variants', head: { format: STORED_FORMAT, key: 'key', vary, sinceMs: NOW_MS } }
}

interface Offered {
  readonly hits: number
  readonly freshMs?: number
  readonly receivedAtMs?: number
}

function toOffer({ hits, ...difference }: Offered) {
  const kept = answerOf(bytesOf(3), difference)
  return { name, kept, keepMs: HOUR_MS, hits, load: async () => kept }
}

function offer(offered: Offered): Promise<void> | undefined {
  return kv.offer(toOffer(offered), NOW_MS)
}
