import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, expect, test, vi } from 'vitest'
import { countsOf } from '../../src/cache/counts.ts'
import { residentsOf } from '../../src/cache/memory.ts'
import { compilePurges } from '../../src/core/purge.ts'
import type { Snapshot } from '../../src/core/snapshot.ts'
import { createIsolate, type Isolate, standingOf } from '../../src/proxy/isolate.ts'
import { pass } from '../../src/proxy/pass.ts'
import { snapshotOf } from '../support/builders.ts'
import { configOf, requestOf, urlOf } from './builders.ts'

afterEach(() => vi.unstubAllGlobals())

/** Lets the platform's `fetch` answer so, one after the other, and tells what was asked. */
function stage(...answers: readonly Response[]): Headers[] {
  const asked: Headers[] = []
  vi.stubGlobal('fetch', (_: string, init: RequestInit) => {
    asked.push(new Headers(init.headers))
    const answer = answers[asked.length - 1]
    return answer ? Promise.resolve(answer) : Promise.reject(new Error('one call too many'))
  })
  return asked
}

/** One request, with all that goes on behind its answer. */
async function ask(isolate: Isolate, snapshot: Snapshot, headers = {}): Promise<string> {
  const request = requestOf('/', { 'cf-connecting-ip': '203.0.113.7', ...headers })
  const ctx = createExecutionContext()
  const nowMs = Date.now()
  const answer = await pass({
    request,
    env,
    ctx,
    headers: request.headers,
    identity: { requestId: 'r', isGiven: false },
    url: urlOf(request),
    via: null,
    isolate,
    standing: standingOf(isolate, snapshot, nowMs),
    arrivedAtMs: nowMs,
    outlives: false,
    isLocal: false,
  })
  if (!(answer instanceof Response)) return answer.type
  await answer.text()
  await waitOnExecutionContext(ctx)
  return answer.headers.get('cache-status')?.replace(/^.*?; |ttl=-?\d+; /g, '') ?? ''
}

function isolateOf(snapshot: Snapshot): Isolate {
  const isolate = createIsolate()
  // Somebody else sees to reports and snapshots.
  isolate.reports.armedAtMs = Date.now()
  isolate.source.lookedAtMs = Date.now()
  isolate.source.snapshot = snapshot
  return isolate
}

const TIERS = { colo: false, kv: false }
const page = (headers: Record<string, string>) => new Response('page', { headers })

test('what is tried while all are out is asked about, and what is kept is renewed', async () => {
  const snapshot = snapshotOf(configOf({ route: { cache: { tiers: TIERS } } }))
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
  const [, resident] = [...residentsOf(isolate.cache.memory)][0] ?? []
  expect(resident?.type === 'answer' && resident.head.freshMs).toBe(60_000)
})

test('each request for what is not kept counts as a miss', async () => {
  const snapshot = snapshotOf(configOf({ route: { cache: { tiers: TIERS } } }))
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
  const snapshot = snapshotOf(configOf({ route: { cache: { tiers: TIERS } } }))
  const isolate = isolateOf(snapshot)
  const asked = stage()
  await ask(isolate, snapshot, { 'cache-control': 'only-if-cached' })
  expect([asked.length, isolate.cache.flights.size]).toEqual([0, 0])
})
