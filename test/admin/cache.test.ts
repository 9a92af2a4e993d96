import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { mark } from '../../src/cache/hit-for-miss.ts'
import { countsOf } from '../../src/cache/counts.ts'
import { remember } from '../../src/cache/memory.ts'
import type { Stored } from '../../src/cache/policy/stored.ts'
import { compile } from '../../src/core/compile.ts'
import type { Snapshot } from '../../src/core/snapshot.ts'
import { createIsolate } from '../../src/proxy/isolate.ts'
import { lookAtCache } from '../../src/proxy/caching/look.ts'
import { documentOf, poolsOf } from '../support/builders.ts'
import { emptyAll } from '../support/processes-worker.ts'
import { ask, depsOf } from './ask.ts'
import { storedOf } from '../support/stored.ts'

const config = {
  pools: poolsOf({ us: ['us-1'] }),
  routes: {
    web: {
      match: { path: '/a/*' },
      steer: { policy: 'failover' as const, pools: ['us'] },
      cache: { key: { query: { exclude: ['utm_*'] } }, tiers: { kv: false } },
    },
    plain: { steer: { policy: 'failover' as const, pools: ['us'] } },
  },
}

const HOST = 'www.example.com'

/** The head of a page that came a minute ago and is fresh for another. */
function pageOf(path: string, difference: Partial<Stored> = {}): Stored {
  const cameAtMs = Date.now() - 60_000
  const came = { requestedAtMs: cameAtMs, receivedAtMs: cameAtMs, freshMs: 120_000, bodyBytes: 4 }
  const key = `web\nhttps://${HOST}${path}`
  return storedOf({ key, route: 'web', host: HOST, path, ...came, ...difference })
}

/** An isolate whose memory holds these, each given out so many times. */
function isolateWith(heads: readonly (readonly [Stored, number])[]) {
  const isolate = createIsolate()
  for (const [head, hits] of heads) {
    const body = new ArrayBuffer(4)
    const { asOf } = head
    remember(isolate.cache.memory, head.key, {
      type: 'answer',
      head,
      body,
      asOf,
      hits,
    })
  }
  return isolate
}

function depsWith(isolate = createIsolate(), purges: Snapshot['purges']['rows'] = []) {
  const snapshot = compile({ ...documentOf(config), purges })
  return depsOf({
    snapshot: () => snapshot,
    cache: {
      engine: isolate.cache,
      look: (question, current) => lookAtCache(question, { isolate, snapshot: current, env }),
    },
  })
}

function purge(body: object, query = '', deps = depsWith()) {
  const init = { method: 'POST', body: JSON.stringify(body) }
  return ask(`/v1/cache/purge${query}`, init, deps)
}

async function putConfig() {
  await ask('/v1/config', { method: 'PUT', body: JSON.stringify(config) })
}

afterEach(emptyAll)

describe('a purge by the API', () => {
  beforeEach(putConfig)

  it('is another generation, and tells from which moment on answers are good', async () => {
    const beforeMs = Date.now()
    const told = await purge({ targets: [{ tag: 'Red' }, { url: `HTTPS://${HOST}/a/../b` }] })
    expect(told.status).toBe(200)
    expect(told.json).toMatchObject({ outcome: 'purged', generation: 2, rows: 2, widened: 0 })
    expect(told.json.estimate).toBeUndefined()
    expect(told.json.serial).toBeGreaterThanOrEqual(beforeMs)
    const { json } = await ask('/v1/audit?limit=1')
    expect(json.items[0]).toMatchObject({
      action: 'cache.purge',
      target: 'cache',
      after: { targets: [{ tag: 'red' }, { url: `https://${HOST}/b` }], kind: 'hard' },
    })
  })

  it('of everything is refused where it is hard, unless an admin says that it is meant', async () => {
    const all = { targets: [{ all: true }] }
    expect(await purge(all)).toMatchObject({ status: 409, json: { reason: 'interlock' } })
    expect((await purge({ ...all, kind: 'soft' })).status).toBe(200)
    expect((await purge(all, '?override=true')).status).toBe(200)
    const { json } = await ask('/v1/audit?limit=1')
    expect(json.items[0].after).toMatchObject({ kind: 'hard', override: true })
    expect((await purge(all, '?dryRun=true')).json).toMatchObject({ dryRun: true })
    const body = JSON.stringify({ name: 'night shift', scopes: ['operate'], reason: 'a test' })
    const { token } = (await ask('/v1/tokens', { method: 'POST', body })).json
    const headers = { authorization: `Bearer ${token}` }
    const operator = { method: 'POST', headers, body: JSON.stringify({ ...all, reason: 'a test' }) }
    const told = await ask('/v1/cache/purge?override=true', operator)
    expect(told).toMatchObject({ status: 403, json: { reason: 'forbidden' } })
  })

  it('says what is wrong with it', async () => {
    for (const body of [
      { targets: [] },
      { targets: [{ url: '/a' }] },
      { targets: [{ url: 'ftp://www.example.com/' }] },
      { targets: [{ tag: 'two words' }] },
      { targets: [{ host: 'www.example.com', tag: 'red' }] },
      { targets: [{ all: false }] },
      { targets: [{ host: 'www.example.com', prefix: '/a/../b' }] },
      { targets: [{ tag: 'red' }], kind: 'mild' },
      { targets: Array.from({ length: 101 }, (_, at) => ({ tag: `t${at}` })) },
    ]) {
      const told = await purge(body)
      expect([body, told.status]).toEqual([body, 422])
    }
  })

  it('of a route that is not there is refused', async () => {
    const told = await purge({ targets: [{ route: 'web' }, { route: 'wep' }] })
    expect([told.status, told.json.detail]).toEqual([404, 'there is no route "wep"'])
    expect((await purge({ targets: [{ route: 'web' }] })).status).toBe(200)
  })

  it('happens once for one Idempotency-Key', async () => {
    const headers = { 'idempotency-key': 'one' }
    const init = { method: 'POST', headers, body: JSON.stringify({ targets: [{ tag: 'red' }] }) }
    const first = await ask('/v1/cache/purge', init)
    const second = await ask('/v1/cache/purge', init)
    expect(second.json).toEqual(first.json)
    expect(second.headers.get('idempotency-replayed')).toBe('true')
  })
})

it('has nothing to go by where there is no configuration, or no snapshot yet', async () => {
  const body = { targets: [{ tag: 'red' }] }
  const reasonOf = async (told: ReturnType<typeof purge>) => (await told).json.reason
  expect(await reasonOf(purge(body))).toBe('no-configuration')
  expect(await reasonOf(purge(body, '?dryRun=true', depsOf()))).toBe('not-ready')
  const url = encodeURIComponent(`https://${HOST}/a/1`)
  expect(await reasonOf(ask(`/v1/cache?url=${url}`))).toBe('not-ready')
})

describe('a dry run', () => {
  beforeEach(putConfig)

  it('estimates by what this memory holds, what is gone already left out', async () => {
    const isolate = isolateWith([
      [pageOf('/a/1', { tags: ['red'], asOf: 8 }), 60],
      [pageOf('/a/2', { tags: ['red', 'old'] }), 5],
      [pageOf('/a/3', { tags: ['blue'] }), 7],
    ])
    const gone = [{ serial: 7, target: { tag: 'old' }, kind: 'hard' as const }]
    const deps = depsWith(isolate, gone)
    const told = await purge({ targets: [{ tag: 'red' }] }, '?dryRun=true', deps)
    expect(told.json.estimate).toMatchObject({
      entries: 1,
      bytes: expect.any(Number),
      requestsPerMinute: expect.closeTo(60, 0),
      ofEntries: 3,
      words: expect.stringContaining('1 answers that it meets, of 3'),
    })
  })
})

describe('the standing of the cache', () => {
  it('is counted by route and tier', async () => {
    const isolate = isolateWith([[pageOf('/a/1'), 0]])
    const counts = countsOf(isolate.cache.counts, 'web')
    counts.hits.memory = 6
    counts.hits.kv = 1
    counts.collapsed = 2
    counts.misses = 1
    const told = await ask('/v1/cache', {}, depsWith(isolate))
    expect(told.json).toMatchObject({
      memory: { entries: 1, mostBytes: 33_554_432 },
      routes: { web: { hits: { memory: 6, kv: 1 }, misses: 1, hitShare: 0.9 } },
      purges: { rows: 0, newest: 0 },
    })
  })

  it('of a URL is told tier by tier, and what would be decided', async () => {
    const isolate = isolateWith([[pageOf('/a/1', { tags: ['red'] }), 3]])
    const look = (query: string, purges: Snapshot['purges']['rows'] = []) =>
      ask(`/v1/cache?${query}`, {}, depsWith(isolate, purges))
    const url = encodeURIComponent(`https://${HOST}/a/1?utm_source=mail`)
    const { json } = await look(`url=${url}`)
    expect(json).toMatchObject({
      url: `https://${HOST}/a/1`,
      route: 'web',
      verdict: 'hit',
      words: ['answered from memory'],
      tiers: {
        memory: { state: 'held', status: 200, hits: 3, purged: 'none', use: 'fresh' },
        colo: { state: 'nothing' },
        kv: { state: 'off' },
        shield: { state: 'off' },
      },
    })
    expect(json.tiers.memory.words).toMatch(/^a 200 of \d+ s, fresh for another \d+ s: given out/)
    const purged = await look(`url=${url}`, [{ serial: 5, target: { tag: 'red' }, kind: 'hard' }])
    expect(purged.json).toMatchObject({
      verdict: 'miss',
      tiers: { memory: { purged: 'hard', use: 'unusable' } },
    })
    const why = 'set-cookie'
    mark(isolate.cache.marks, `web\nhttps://${HOST}/a/2`, { why, nowMs: Date.now() })
    const unkept = await look(`url=${encodeURIComponent(`https://${HOST}/a/2`)}`)
    expect(unkept.json.words[1]).toContain('(set-cookie)')
    const plain = await look(`url=${encodeURIComponent(`https://${HOST}/b`)}`)
    expect(plain.json).toMatchObject({ route: 'plain', verdict: 'uncached' })
    const headers = encodeURIComponent(JSON.stringify({ Upgrade: 'websocket' }))
    expect((await look(`url=${url}&headers=${headers}`)).json.verdict).toBe('bypass')
    expect((await look(`url=${url}&headers=none`)).status).toBe(400)
    expect((await look('url=nowhere')).status).toBe(400)
  })
})
