import { afterEach, expect, it, vi } from 'vitest'
import { type PumpPlan, pump } from '../../../src/cache/pump.ts'
import { bytesOf, readAll, streamOf } from './kept.ts'

const LARGE = 1_000_000

afterEach(() => {
  vi.useRealTimers()
})

interface Store {
  readonly store: NonNullable<PumpPlan['store']>
  readonly stored: () => ArrayBuffer | undefined
  readonly calls: () => number
}

/** A store that reads all of it. */
function willing(): Store {
  let stored: ArrayBuffer | undefined
  let calls = 0
  return {
    stored: () => stored,
    calls: () => calls,
    async store(body) {
      calls += 1
      stored = await readAll(body)
    },
  }
}

/** A body that is written by hand. */
function byHand(): {
  readonly body: ReadableStream<Uint8Array>
  readonly writer: WritableStreamDefaultWriter<Uint8Array>
} {
  const { readable, writable } = new IdentityTransformStream()
  return { body: readable, writer: writable.getWriter() }
}

const PLAN = { length: undefined, maxBytes: 10 * LARGE, keepBytes: 1000 }

it.each([
  ['of known length', 1000],
  ['of unknown length', undefined],
])('holds a small body %s, and hands it on', async (_, length) => {
  const { store, calls } = willing()
  const body = bytesOf(1000)
  const source = streamOf([body.slice(0, 300), body.slice(300)])
  const { client, end } = pump(source, { ...PLAN, length, store })
  expect(await readAll(client)).toEqual(body)
  expect(await end).toEqual({ isWhole: true, bytes: 1000, kept: body, isStored: false })
  expect(calls()).toBe(0)
})

it.each([
  ['of known length', LARGE],
  ['of unknown length', undefined],
])('feeds client and store with a large body %s', async (_, length) => {
  const { store, stored } = willing()
  const body = bytesOf(LARGE)
  const source = streamOf([body.slice(0, 300), body.slice(300)])
  const { client, end } = pump(source, { ...PLAN, length, store })
  expect(await readAll(client)).toEqual(body)
  expect(await end).toEqual({ isWhole: true, bytes: LARGE, kept: undefined, isStored: true })
  expect(stored()).toEqual(body)
})

it('keeps nothing that turns out larger than what is kept, though it could be held', async () => {
  const { store, calls } = willing()
  const body = bytesOf(1000)
  const { client, end } = pump(streamOf([body]), { ...PLAN, maxBytes: 999, store })
  expect(await readAll(client)).toEqual(body)
  expect(await end).toEqual({ isWhole: true, bytes: 1000, kept: undefined, isStored: false })
  expect(calls()).toBe(0)
})

it('does not wait for a client to hold a small body', async () => {
  const { end } = pump(streamOf([bytesOf(1000)]), PLAN)
  expect(await end).toMatchObject({ isWhole: true, kept: bytesOf(1000) })
})

it('holds the origin back while the client does not read', async () => {
  const { store } = willing()
  const { body, writer } = byHand()
  const { client } = pump(body, { ...PLAN, keepBytes: 0, store })
  let written = 0
  void (async () => {
    for (;;) {
      await writer.write(new Uint8Array(65_536))
      written += 1
    }
  })().catch(() => undefined)
  await settled()
  expect(written).toBeLessThan(4)
  await client.cancel()
  await writer.abort()
})

it('goes on for the store when the client leaves, told by its signal', async () => {
  const { store, stored } = willing()
  const { body, writer } = byHand()
  const gone = new AbortController()
  const { end } = pump(body, { ...PLAN, keepBytes: 0, store, signal: gone.signal })
  const whole = bytesOf(LARGE)
  const writing = writer.write(new Uint8Array(whole)).then(() => writer.close())
  gone.abort()
  expect(await end).toMatchObject({ isWhole: true, isStored: true })
  await writing
  expect(stored()).toEqual(whole)
})

it.each([
  ['large', 0],
  ['small', 1000],
])('gives up a %s body half a minute after the client has left', async (_, keepBytes) => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const { store, stored } = willing()
  // A stream of the language says "done" to who waits for it when it is cancelled.
  const body = new ReadableStream({
    type: 'bytes',
    start: (controller: ReadableByteStreamController) => controller.enqueue(new Uint8Array(500)),
    pull: () => new Promise(() => undefined),
  })
  const gone = new AbortController()
  const { end } = pump(body, { ...PLAN, keepBytes, store, signal: gone.signal })
  gone.abort()
  await vi.advanceTimersByTimeAsync(30_000)
  expect(await end).toEqual({ isWhole: false, isStored: false, bytes: 500, kept: undefined })
  expect(stored()).toBeUndefined()
})

it('ends with the client where nobody stores it', async () => {
  const { body, writer } = byHand()
  const { client, end } = pump(body, { ...PLAN, keepBytes: 0 })
  await client.cancel()
  await expect(
    writer.write(new Uint8Array(1000)).then(() => writer.write(new Uint8Array(1))),
  ).rejects.toThrow('nobody is left')
  expect(await end).toMatchObject({ isWhole: false, isStored: false })
})

it.each([
  [
    'fails at once',
    async () => {
      throw new Error('full')
    },
  ],
  [
    'fails in the middle',
    async (body: ReadableStream<Uint8Array>) => {
      const reader = body.getReader()
      await reader.read()
      await reader.cancel()
      throw new Error('full')
    },
  ],
  ['ends without reading', async () => undefined],
])('serves the client as ever when the store %s', async (_, store) => {
  const body = bytesOf(LARGE)
  const { client, end } = pump(streamOf([body]), { ...PLAN, store })
  expect(await readAll(client)).toEqual(body)
  expect(await end).toMatchObject({ isWhole: true, isStored: false })
})

it('gives up a store that stands still', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  const body = bytesOf(LARGE)
  const { client, end } = pump(streamOf([body]), { ...PLAN, store: standStill })
  const read = readAll(client)
  await settled()
  await vi.advanceTimersByTimeAsync(6000)
  expect(await read).toEqual(body)
  expect(await end).toMatchObject({ isWhole: true, isStored: false })
})

it('gives up a store that holds the client up, though it goes on', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  const body = bytesOf(LARGE)
  let taking = Promise.resolve()
  const store = (slow: ReadableStream<Uint8Array>) => (taking = takeSlowly(slow))
  const { client, end } = pump(streamOf([body]), { ...PLAN, store })
  expect(await readAll(client)).toEqual(body)
  expect(await end).toMatchObject({ isWhole: true, isStored: false })
  // It sets the clock once more, which is no longer to be that of this test if that is over.
  await Promise.allSettled([taking])
})

async function takeSlowly(body: ReadableStream<Uint8Array>): Promise<void> {
  for await (const _ of body) {
    await settled()
    vi.setSystemTime(Date.now() + 1000)
  }
}

it.each([
  ['small', 500],
  ['large', LARGE],
])('tells client and store when a %s body breaks off', async (_, bytes) => {
  const { store, stored } = willing()
  const { client, end } = pump(streamOf([bytesOf(bytes)], { end: 'broken' }), { ...PLAN, store })
  await expect(readAll(client)).rejects.toThrow('broken off')
  expect(await end).toMatchObject({ isWhole: false, kept: undefined, isStored: false })
  expect(stored()).toBeUndefined()
})

it.each([
  ['shorter', 999, 1000],
  ['longer', 1001, 1000],
  ['much shorter', LARGE - 1, LARGE],
  ['much longer', LARGE + 1, LARGE],
])('keeps no body that is %s than it says', async (_, bytes, length) => {
  const { store, stored } = willing()
  const { client, end } = pump(streamOf([bytesOf(bytes)]), { ...PLAN, length, store })
  await expect(readAll(client)).rejects.toThrow(/length|FixedLengthStream/)
  expect(await end).toMatchObject({ isWhole: false, kept: undefined, isStored: false })
  expect(stored()).toBeUndefined()
})

it('gives up a body that is waited for too long', async () => {
  const { store, stored } = willing()
  const { body, writer } = byHand()
  let pieces = 0
  const limit = <Piece>(piece: Promise<Piece>): Promise<Piece> => {
    pieces += 1
    if (pieces === 1) return piece
    piece.catch(() => undefined)
    return Promise.reject(new Error('too late'))
  }
  const { client, end } = pump(body, { ...PLAN, keepBytes: 0, store, limit })
  void writer.write(new Uint8Array(1000))
  await expect(readAll(client)).rejects.toThrow('too late')
  expect(await end).toMatchObject({ isWhole: false, bytes: 1000, isStored: false })
  expect(stored()).toBeUndefined()
})

it('hands on what is too large to keep, and does not keep it', async () => {
  const { store, stored } = willing()
  const body = bytesOf(LARGE)
  const plan = { ...PLAN, maxBytes: LARGE - 1, store }
  const unknown = pump(streamOf([body]), plan)
  expect(await readAll(unknown.client)).toEqual(body)
  expect(await unknown.end).toMatchObject({ isWhole: true, isStored: false })
  const known = pump(streamOf([body]), { ...plan, length: LARGE })
  expect(await readAll(known.client)).toEqual(body)
  expect(await known.end).toMatchObject({ isWhole: true, isStored: false })
  expect(stored()).toBeUndefined()
})

const standStill = () => new Promise<void>(() => undefined)

/** Until whatever could go on has gone on. */
function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 30))
}
