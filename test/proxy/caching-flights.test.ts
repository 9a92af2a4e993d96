import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { invalidate } from '../../src/cache/invalidations.ts'
import { countsOf } from '../../src/cache/counts.ts'
import { openKv } from '../../src/cache/kv.ts'
import { nameOfKey } from '../../src/cache/policy/key.ts'
import { STORED_FORMAT, type Variants } from '../../src/cache/policy/stored.ts'
import { createTierMemory } from '../../src/cache/tier-memory.ts'
import { compilePurges } from '../../src/core/purge.ts'
import type { Snapshot } from '../../src/core/snapshot.ts'
import type { Isolate } from '../../src/proxy/isolate.ts'
import { snapshotOf } from '../support/builders.ts'
import { holdDeadlines } from '../support/patience-worker.ts'
import { emptyAll } from '../support/processes-worker.ts'
import { untilHolds } from '../support/until.ts'
import { configOf } from './builders.ts'
import { ask, isolateOf, KEY, snapshotWith } from './caching-world.ts'

beforeEach(holdDeadlines)

afterEach(async () => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
  await emptyAll()
})

const VARIANTS: Variants = {
  format: STORED_FORMAT,
  key: KEY,
  vary: ['accept-encoding'],
  sinceMs: 0,
}
const GZIP = { headers: { 'accept-encoding': 'gzip' } }
const BROTLI = { headers: { 'accept-encoding': 'br' } }

/** An origin whose answers vary by encoding; the head and the body of each come when the test says so. */
function stageVarying() {
  const heads: (() => void)[] = []
  const bodies: ReadableByteStreamController[] = []
  const toBodies = (controller: ReadableByteStreamController) => void bodies.push(controller)
  vi.stubGlobal('fetch', () => {
    const body = new ReadableStream({ type: 'bytes', start: toBodies })
    const headers = { 'cache-control': 'max-age=60', vary: 'accept-encoding' }
    return new Promise<Response>((resolve) => {
      heads.push(() => resolve(new Response(body, { headers })))
    })
  })
  const endBody = (at: number): void => {
    bodies[at]?.enqueue(new TextEncoder().encode('page'))
    bodies[at]?.close()
  }
  return { heads, bodies, endBody }
}

test('who comes while an answer that varies is being stored waits for it', async () => {
  const snapshot = snapshotWith()
  const isolate = isolateOf(snapshot)
  const { heads, endBody } = stageVarying()
  const first = ask(isolate, snapshot, GZIP)
  await untilHolds(() => expect(heads).toHaveLength(1))
  heads[0]?.()
  // From here on it is known by what the answers vary.
  await untilHolds(() => expect([...isolate.cache.flights.keys()].join()).toContain('gzip'))
  const second = ask(isolate, snapshot, GZIP)
  endBody(0)
  expect(await first).toBe('fwd=uri-miss; fwd-status=200; stored')
  expect(await second).toBe('fwd=vary-miss; collapsed')
  expect(heads).toHaveLength(1)
})

test('those for whom another answer was fetched fetch theirs together', async () => {
  const snapshot = snapshotWith()
  const isolate = isolateOf(snapshot)
  const { heads, endBody } = stageVarying()
  const gzip = [ask(isolate, snapshot, GZIP), ask(isolate, snapshot, GZIP)]
  const brotli = [ask(isolate, snapshot, BROTLI), ask(isolate, snapshot, BROTLI)]
  await untilHolds(() => expect(heads).toHaveLength(1))
  await scheduler.wait(10)
  const movedAtMs = Date.now()
  heads[0]?.()
  // At once, not when the first is whole.
  await untilHolds(() => expect(heads).toHaveLength(2))
  // How long an origin has been silent counts from when it was asked.
  const startsMs = [...isolate.cache.flights.values()].map(({ startedAtMs }) => startedAtMs)
  expect(Math.max(...startsMs)).toBeGreaterThanOrEqual(movedAtMs)
  heads[1]?.()
  await untilHolds(() => expect(isolate.cache.flights.size).toBe(2))
  endBody(1)
  endBody(0)
  const told = await Promise.all([...gzip, ...brotli])
  expect(told.filter((status) => status.includes('collapsed'))).toHaveLength(2)
  expect(heads).toHaveLength(2)
})

test('who comes when a tier has told by what answers vary waits for who has asked it', async () => {
  const snapshot = snapshotWith({ colo: false })
  const isolate = isolateOf(snapshot)
  const { heads, endBody } = stageVarying()
  const kv = openKv(env.CACHE, createTierMemory())
  await kv.put(nameOfKey(KEY), { type: 'variants', head: VARIANTS }, 3_600_000)
  const asked: Promise<string>[] = []
  const get = env.CACHE.get.bind(env.CACHE)
  const look = vi.spyOn(env.CACHE, 'get')
  look.mockImplementation((...given: Parameters<typeof get>) => {
    // The first one has heard of variants, and looks for its own.
    if (look.mock.calls.length === 2) asked.push(ask(isolate, snapshot, GZIP))
    return get(...given)
  })
  asked.push(ask(isolate, snapshot, GZIP))
  await untilHolds(() => expect(heads).toHaveLength(1))
  heads[0]?.()
  endBody(0)
  const told = await Promise.all(asked)
  expect(told).toContain('fwd=vary-miss; collapsed')
  expect(heads).toHaveLength(1)
})

test('where memory has no room to know by what answers vary, all wait for the first one', async () => {
  const settings = { cache: { memoryBytes: 0 } }
  const cache = { tiers: { kv: false } }
  const snapshot = snapshotOf(configOf({ settings, route: { cache } }))
  const isolate = isolateOf(snapshot)
  const { heads, endBody } = stageVarying()
  const asking = [1, 2, 3].map(() => ask(isolate, snapshot, GZIP))
  await untilHolds(() => expect(heads).toHaveLength(1))
  heads[0]?.()
  await untilHolds(() => expect(countsOf(isolate.cache.counts, 'all').misses).toBe(1))
  endBody(0)
  const told = await Promise.all(asking)
  expect(told.filter((status) => status.includes('collapsed'))).toHaveLength(2)
  expect(heads).toHaveLength(1)
})

/** What makes an answer void that is under way. */
const VOIDING: Readonly<Record<string, (isolate: Isolate, snapshot: Snapshot) => Snapshot>> = {
  'a soft purge': (_, snapshot) => {
    const row = { serial: 5, target: { all: true }, kind: 'soft' } as const
    return { ...snapshot, purges: compilePurges([row], snapshot.routes) }
  },
  'a change': ({ cache }, snapshot) => {
    const place = { host: 'www.example.com', path: '/', query: '' }
    invalidate(cache.invalidations, place, Date.now())
    return snapshot
  },
}

for (const [what, makeVoid] of Object.entries(VOIDING)) {
  test(`what was asked for before ${what} is not for those who come after it`, async () => {
    const snapshot = snapshotWith()
    const isolate = isolateOf(snapshot)
    const { heads, endBody } = stageVarying()
    const first = ask(isolate, snapshot, GZIP)
    await untilHolds(() => expect(heads).toHaveLength(1))
    const second = ask(isolate, makeVoid(isolate, snapshot), GZIP)
    heads[0]?.()
    endBody(0)
    expect(await first).toContain('stored')
    await untilHolds(() => expect(heads).toHaveLength(2))
    heads[1]?.()
    endBody(1)
    expect(await second).toContain('stored')
  })
}
