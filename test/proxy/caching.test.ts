import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { countsOf } from '../../src/cache/counts.ts'
import { forget, residentsOf } from '../../src/cache/memory.ts'
import { compilePurges } from '../../src/core/purge.ts'
import { standingOf } from '../../src/proxy/isolate.ts'
import { lookAtCache } from '../../src/proxy/caching/look.ts'
import { pass } from '../../src/proxy/pass.ts'
import type { Passage } from '../../src/proxy/passage.ts'
import { openKv } from '../../src/cache/kv.ts'
import { nameOfKey } from '../../src/cache/policy/key.ts'
import { knowVariants } from '../../src/cache/residence.ts'
import { createTierMemory } from '../../src/cache/tier-memory.ts'
import type { Stored } from '../../src/cache/policy/stored.ts'
import { snapshotOf } from '../support/builders.ts'
import { holdDeadlines } from '../support/patience-worker.ts'
import { emptyAll } from '../support/processes-worker.ts'
import { until } from '../support/until.ts'
import { configOf } from './builders.ts'
import {
  ask,
  goAs,
  isolateOf,
  page,
  residentIn,
  snapshotWith,
  stage,
  TIERS,
} from './caching-world.ts'

beforeEach(holdDeadlines)

afterEach(async () => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
  await emptyAll()
})

test('what is tried while all are out is asked about, and what is kept is renewed', async () => {
  const snapshot = snapshotWith()
  const isolate = isolateOf(snapshot)
  const fresh = { 'cache-control': 'max-age=60', etag: '"1"' }
  const asked = stage(
    page({ ...fresh, 'cache-control': 'max-age=0' }),
    new Response(null, { status: 304, headers: fresh }),
  )
  expect(await ask(isolate, snapshot)).toBe('fwd=uri-miss; fwd-status=200; stored')
  const [record] = isolate.standing?.ledger.origins ?? []
  Object.assign(record ?? {}, { ejectedUntilMs: Date.now() + 60_000 })
  isolate.cache.outages.routes.set('all', { lastMs: 0, triedMs: 0 })
  expect(await ask(isolate, snapshot)).toBe('hit; detail=while-out')
  expect(asked.map((headers) => headers.get('if-none-match'))).toEqual([null, '"1"'])
  const counts = countsOf(isolate.cache.counts, 'all')
  expect(counts).toMatchObject({ misses: 1, stale: 1, refreshed: 1, revalidated: 0 })
  const [, resident] = [...residentsOf(isolate.cache.memory)][0] ?? []
  expect(resident?.type === 'answer' && resident.head.freshMs).toBe(60_000)
})

test('each request for what is not kept counts as a miss', async () => {
  const snapshot = snapshotWith()
  const isolate = isolateOf(snapshot)
  stage(page({ 'cache-control': 'private' }), page({ 'cache-control': 'private' }))
  await ask(isolate, snapshot)
  await ask(isolate, snapshot)
  const { misses, uncacheable } = countsOf(isolate.cache.counts, 'all')
  expect([misses, uncacheable]).toEqual([2, 2])
})

test('of what was purged nothing is left that could be asked about', async () => {
  const document = configOf({ route: { cache: { tiers: TIERS } } })
  const snapshot = snapshotOf(document)
  const isolate = isolateOf(snapshot)
  const fresh = { 'cache-control': 'max-age=60', etag: '"1"' }
  const asked = stage(page(fresh), page(fresh))
  await ask(isolate, snapshot)
  const row = { serial: 5, target: { all: true }, kind: 'hard' } as const
  const purged = { ...snapshot, purges: compilePurges([row], snapshot.routes) }
  expect(await ask(isolate, purged)).toBe('fwd=stale; fwd-status=200; stored; detail=purged')
  expect(asked.map((headers) => headers.get('if-none-match'))).toEqual([null, null])
})

test('nobody waits for a request that wanted what is kept or nothing', async () => {
  const snapshot = snapshotWith()
  const isolate = isolateOf(snapshot)
  const asked = stage()
  await ask(isolate, snapshot, { headers: { 'cache-control': 'only-if-cached' } })
  expect([asked.length, isolate.cache.flights.size]).toEqual([0, 0])
})

test('an error says nothing of the answers to come', async () => {
  const snapshot = snapshotWith()
  const isolate = isolateOf(snapshot)
  stage(new Response('no', { status: 501, headers: { 'cache-control': 'private' } }))
  expect(await ask(isolate, snapshot)).toBe('fwd=uri-miss; fwd-status=501; detail=private')
  expect(isolate.cache.marks.size).toBe(0)
})

test('a 304 ends its attempt, and leaves the tags of what it renews', async () => {
  const pool = { balance: { algorithm: 'least-connections' as const } }
  const snapshot = snapshotOf(configOf({ pool, route: { cache: { tiers: TIERS } } }))
  const isolate = isolateOf(snapshot)
  const control = { 'cache-control': 'max-age=0', etag: '"1"' }
  stage(page({ ...control, 'cache-tag': 'red' }), new Response(null, { status: 304 }))
  await ask(isolate, snapshot)
  expect(await ask(isolate, snapshot)).toBe('fwd=stale; fwd-status=304; stored')
  expect(residentIn(isolate).head.tags).toEqual(['red'])
  expect(isolate.standing?.ledger.origins.map(({ inFlight }) => inFlight)).toEqual([0])
})

test('who renews what is stale gets nothing stale', async () => {
  const snapshot = snapshotWith()
  const isolate = isolateOf(snapshot)
  const control = { 'cache-control': 'max-age=0, stale-while-revalidate=60' }
  const asked = stage(page(control), page(control), page(control))
  await ask(isolate, snapshot)
  const answer = await ask(isolate, snapshot, { go: goAs({ isRenewal: true }) })
  expect([answer, asked.length]).toEqual(['fwd=stale; fwd-status=200; stored', 2])
})

test('what an origin was told a session for is not kept', async () => {
  const snapshot = snapshotWith()
  const isolate = isolateOf(snapshot)
  const durable = {
    id: 's',
    bond: undefined,
    outlives: false,
    toOrigin: (headers: Headers) => headers.set('portolan-session', 's'),
    answered: () => undefined,
  }
  const session = { facts: {}, token: undefined, hasOurs: false, durable }
  stage(page({ 'cache-control': 'max-age=60' }))
  expect(await ask(isolate, snapshot, { go: goAs({ session }) })).toContain('detail=session')
  expect([...residentsOf(isolate.cache.memory)]).toEqual([])
})

test('what KV has under a name of another key is not used', async () => {
  const snapshot = snapshotWith({ colo: false })
  const isolate = isolateOf(snapshot)
  const fresh = { 'cache-control': 'max-age=7200' }
  const asked = stage(page(fresh), page(fresh), page(fresh))
  await ask(isolate, snapshot)
  const { head } = residentIn(isolate)
  const body = new ArrayBuffer(4)
  const kv = openKv(env.CACHE, createTierMemory())
  const looked = async (difference: Partial<Stored>): Promise<string> => {
    forget(isolate.cache.memory, head.key)
    isolate.cache.tiers.known.clear()
    const kept = { type: 'answer', head: { ...head, ...difference }, body } as const
    await kv.put(nameOfKey(head.key), kept, 3_600_000)
    return ask(isolate, snapshot)
  }
  expect(await looked({})).toMatch(/^hit; ttl/)
  expect(await looked({ key: `${head.key}/other` })).toContain('fwd=uri-miss')
  expect(asked.length).toBe(2)
})

test('a variant in KV that was asked for before a change is not used', async () => {
  const snapshot = snapshotWith({ colo: false })
  const isolate = isolateOf(snapshot)
  const fresh = { 'cache-control': 'max-age=7200', vary: 'Accept-Language' }
  const asked = stage(page(fresh), page(fresh))
  await ask(isolate, snapshot)
  const { head } = residentIn(isolate)
  const { memory, tiers } = isolate.cache
  const marker = [...residentsOf(memory)]
    .map(([, resident]) => resident)
    .find(({ type }) => type === 'variants')
  if (marker?.type !== 'variants') throw new Error('no variants')
  const kv = openKv(env.CACHE, createTierMemory())
  const before = { ...head, requestedAtMs: head.requestedAtMs - 1000 }
  await kv.put(
    nameOfKey(head.key),
    { type: 'answer', head: before, body: new ArrayBuffer(4) },
    3_600_000,
  )
  const lookAgain = (sinceMs: number): Promise<string> => {
    forget(memory, head.key)
    tiers.known.clear()
    knowVariants(memory, { ...marker.head, sinceMs })
    return ask(isolate, snapshot)
  }
  expect(await lookAgain(head.requestedAtMs - 2000)).toMatch(/^hit; ttl/)
  expect(await lookAgain(head.requestedAtMs - 500)).toContain('fwd=vary-miss')
  expect(asked.length).toBe(2)
})

test('nobody waits longer than until it stands where he finds it', async () => {
  const snapshot = snapshotWith({ memory: false, kv: false })
  const isolate = isolateOf(snapshot)
  stage(page({ 'cache-control': 'max-age=60' }))
  await ask(isolate, snapshot)
  expect(isolate.cache.flights.size).toBe(0)
  expect(await ask(isolate, snapshot)).toMatch(/^hit; ttl/)
})

test('what an unsafe request has changed is asked about, however many others change since', async () => {
  const snapshot = snapshotWith()
  const isolate = isolateOf(snapshot)
  const fresh = { 'cache-control': 'max-age=60', etag: '"1"' }
  const asked = stage(
    page(fresh),
    new Response('done'),
    new Response(null, { status: 304, headers: fresh }),
  )
  await ask(isolate, snapshot)
  await ask(isolate, snapshot, { method: 'POST' })
  isolate.cache.invalidations.clear()
  const question = { url: 'https://www.example.com/', method: 'GET', headers: {} } as const
  const { tiers } = await lookAtCache(question, { isolate, snapshot, env })
  expect(tiers?.memory.use).toBe('validate')
  expect(await ask(isolate, snapshot)).toBe('fwd=stale; fwd-status=304; stored')
  expect(asked.length).toBe(3)
})

test('a look finds no variant that a change has made void', async () => {
  const snapshot = snapshotWith()
  const isolate = isolateOf(snapshot)
  stage(page({ 'cache-control': 'max-age=60', vary: 'Accept-Language' }), new Response('done'))
  await ask(isolate, snapshot)
  const question = { url: 'https://www.example.com/', method: 'GET', headers: {} } as const
  const look = async () => {
    const { tiers } = await lookAtCache(question, { isolate, snapshot, env })
    return tiers?.memory.state
  }
  const before = await look()
  await ask(isolate, snapshot, { method: 'POST' })
  expect([before, await look()]).toEqual(['held', 'nothing'])
})

test('what was purged softly stays so for every request', async () => {
  const snapshot = snapshotWith()
  const isolate = isolateOf(snapshot)
  stage(page({ 'cache-control': 'max-age=60' }))
  await ask(isolate, snapshot)
  const row = { serial: 5, target: { all: true }, kind: 'soft' } as const
  const purged = { ...snapshot, purges: compilePurges([row], snapshot.routes) }
  const seen = [await ask(isolate, purged), await ask(isolate, purged)]
  expect(seen.filter((fate) => fate.includes('detail='))).toEqual(seen)
})

test('what the pool that stands in answers is not kept, and says nothing of the answers to come', async () => {
  const { pools } = configOf()
  const steer = { policy: 'failover' as const, pools: ['main'], fallback: 'page' }
  const snapshot = snapshotOf({
    pools: { ...pools, page: { origins: { page: { url: 'https://page.example.com' } } } },
    routes: { all: { steer, cache: { tiers: TIERS } } },
  })
  const isolate = isolateOf(snapshot)
  const { ledger } = standingOf(isolate, snapshot, Date.now())
  stage(page({ 'cache-control': 'max-age=60' }), page({ 'cache-control': 'max-age=60' }))
  const at = snapshot.origins.findIndex(({ id }) => id === 'a')
  Object.assign(ledger.origins[at] ?? {}, { ejectedUntilMs: Date.now() + 60_000 })
  expect(await ask(isolate, snapshot)).toBe('fwd=uri-miss; fwd-status=200; detail=fallback')
  expect([...residentsOf(isolate.cache.memory)]).toEqual([])
  Object.assign(ledger.origins[at] ?? {}, { ejectedUntilMs: 0 })
  expect(await ask(isolate, snapshot)).toBe('fwd=uri-miss; fwd-status=200; stored')
})

test('what was purged softly is fetched at once, also while somebody comes back', async () => {
  const snapshot = snapshotWith()
  const isolate = isolateOf(snapshot)
  const fresh = { 'cache-control': 'max-age=60' }
  const asked = stage(page(fresh), page(fresh))
  await ask(isolate, snapshot)
  isolate.cache.outages.routes.set('all', { lastMs: Date.now(), triedMs: Date.now() })
  const row = { serial: 5, target: { all: true }, kind: 'soft' } as const
  const purged = { ...snapshot, purges: compilePurges([row], snapshot.routes) }
  expect(await ask(isolate, purged)).toBe('hit; detail=while-recovering')
  expect(asked.length).toBe(2)
})

test('a hit has what its route changes now, not what it changed a moment ago', async () => {
  const snapshot = snapshotWith()
  const isolate = isolateOf(snapshot)
  stage(page({ 'cache-control': 'max-age=60' }))
  await ask(isolate, snapshot)
  expect(await ask(isolate, snapshot)).toMatch(/^hit; ttl/)
  const responseHeaders = { remove: ['cache-status'] }
  const changed = snapshotOf(configOf({ route: { cache: { tiers: TIERS }, responseHeaders } }))
  expect(await ask(isolate, changed)).toBe('')
})

test('a key whose answers are kept again is one like any other', async () => {
  const snapshot = snapshotWith()
  const isolate = isolateOf(snapshot)
  stage(page({ 'cache-control': 'private' }), page({ 'cache-control': 'max-age=60' }))
  await ask(isolate, snapshot)
  expect(isolate.cache.marks.size).toBe(1)
  await ask(isolate, snapshot)
  expect(isolate.cache.marks.size).toBe(0)
})

/** A body that begins and does not go on. */
function endless(): ReadableStream {
  return new ReadableStream({
    type: 'bytes',
    start: (to: ReadableByteStreamController) => to.enqueue(new Uint8Array(1)),
  })
}

test('what stands still is waited for as long as its route says, with no client left as well', async () => {
  const timeouts = { idle: '100ms' }
  const snapshot = snapshotOf(configOf({ route: { cache: { tiers: TIERS }, timeouts } }))
  const isolate = isolateOf(snapshot)
  stage(new Response(endless(), { headers: { 'cache-control': 'max-age=60' } }))
  const leave = async (passage: Passage) => {
    const answer = await pass(passage)
    if (answer instanceof Response) await answer.body?.cancel()
    await vi.advanceTimersByTimeAsync(99)
    expect(isolate.cache.flights.size).toBe(1)
    await vi.advanceTimersByTimeAsync(1)
    await until(() => isolate.cache.flights.size === 0)
    return new Response()
  }
  await ask(isolate, snapshot, { go: leave })
})
