import { describe, expect, it } from 'vitest'
import type { Called, Client } from '../../durable/client.ts'
import type { OriginDetail, OriginMethods } from '../../durable/origin-methods.ts'
import type { SessionMethods } from '../../durable/session-methods.ts'
import type { OriginView, PoolView } from '../../src/schema/traffic.ts'
import { poolsOf, snapshotOf } from '../support/builders.ts'
import { ask } from './ask.ts'
import { depsThatHear } from './told-control.ts'

function viewOf(id: string): OriginView {
  return {
    id,
    pool: 'us',
    url: `https://${id}.example.com`,
    weight: 1,
    health: 'healthy',
    evidence: '2 of 3 regions',
    sinceMs: 1,
    state: 'ready',
    sharePercent: 100,
    poolSharePercent: 100,
  }
}

function detailOf(origin: string): OriginDetail {
  return {
    origin,
    health: 'healthy',
    evidence: '3 of 3 regions',
    sinceMs: 1,
    flaps: 2,
    connections: 7,
    passing: { perMinute: 30, lastAtMs: 5, knownSinceMs: 0 },
    regions: [
      { region: 'weur', monitor: 'web', verdict: 'up', inARow: 9, lastDetail: '', lastAtMs: 4 },
    ],
    passive: {
      requests: 100,
      failures: 1,
      errors: 2,
      latencies: { '0': 90, '10': 10 },
      windowMs: 30_000,
      isolates: 3,
    },
  }
}

const POOL: PoolView = {
  id: 'us',
  origins: ['us-1', 'us-2'],
  usable: 2,
  minimumOrigins: 1,
  isDown: false,
  state: 'ready',
  sharePercent: 100,
}

/** Objects of origins of which `us-2` never answers. */
function originThat(id: string): Client<OriginMethods> {
  const called: Called<unknown> =
    id === 'us-2'
      ? { ok: false, error: { kind: 'timeout', message: 'no answer within 1000 ms' } }
      : { ok: true, value: detailOf(id) }
  return { call: async () => called } as Client<OriginMethods>
}

const known = {
  evidence: '3 of 3 regions',
  connections: 7,
  flaps: 2,
  regions: detailOf('us-1').regions,
  passive: {
    requests: 100,
    failures: 1,
    errors: 2,
    windowMs: 30_000,
    isolates: 3,
    p50Ms: 1,
    p95Ms: expect.closeTo(6.19, 1),
  },
}
const missing = { missing: 'the object of the origin: no answer within 1000 ms' }

describe('GET /v1/origins', () => {
  it('tells what control knows, and what the object of each origin knows', async () => {
    const page = { items: [viewOf('us-1'), viewOf('us-2')], next: 'us-2' }
    const { deps, heard } = depsThatHear({ origins: page }, { origin: originThat })
    const told = await ask('/v1/origins?after=ap-1&limit=2', {}, deps)
    expect([told.status, told.json]).toEqual([
      200,
      {
        items: [
          { ...viewOf('us-1'), ...known },
          { ...viewOf('us-2'), ...missing },
        ],
        next: 'us-2',
      },
    ])
    expect(heard).toEqual([{ name: 'origins', input: { after: 'ap-1', limit: 2 } }])
  })

  it.each(['?limit=0', '?limit=101', '?limit=x', '?page=2'])('refuses %s', async (query) => {
    const { deps } = depsThatHear({ origins: { items: [] } })
    expect((await ask(`/v1/origins${query}`, {}, deps)).status).toBe(400)
  })
})

describe('GET /v1/origins/{id}', () => {
  it('tells the same of one', async () => {
    const { deps } = depsThatHear({ origin: viewOf('us-1') }, { origin: originThat })
    expect((await ask('/v1/origins/us-1', {}, deps)).json).toEqual({ ...viewOf('us-1'), ...known })
  })

  it('says so when the object of the origin knows better by now', async () => {
    const view: OriginView = { ...viewOf('us-1'), health: 'unhealthy', evidence: '0 of 3 regions' }
    const { deps } = depsThatHear({ origin: view }, { origin: originThat })
    expect((await ask('/v1/origins/us-1', {}, deps)).json).toMatchObject({
      health: 'unhealthy',
      evidence: '0 of 3 regions; not heard of everywhere yet: healthy, 3 of 3 regions',
    })
  })

  it('tells what is left while it drains, and until when', async () => {
    const drain = { fromMs: 1, untilMs: 300_001 }
    const view: OriginView = { ...viewOf('us-1'), state: 'drain', drain }
    const { deps } = depsThatHear({ origin: view }, { origin: originThat })
    expect((await ask('/v1/origins/us-1', {}, deps)).json).toMatchObject({
      state: 'drain',
      drain: {
        ...drain,
        drained: false,
        left: '7 open connections, 30 requests in the last minute',
        connections: 7,
        requestsPerMinute: 30,
      },
    })
  })

  it('tells of the sessions that session objects keep there', async () => {
    const drain = { fromMs: 1, untilMs: Date.now() + 300_000 }
    const view: OriginView = { ...viewOf('us-1'), state: 'drain', drain }
    const counts = { sessions: 9, origins: { 'us-1': 4, 'us-2': 5 }, expired: 0, evicted: 0 }
    const shard = { call: async () => ({ ok: true, value: counts }) } as Client<SessionMethods>
    const snapshot = snapshotOf({
      settings: { sessions: { shards: 2 } },
      pools: poolsOf({ us: ['us-1', 'us-2'] }),
      routes: {
        all: {
          steer: { policy: 'failover', pools: ['us'] },
          affinity: { type: 'cookie', store: 'durable' },
        },
      },
    })
    const more = { origin: originThat, sessions: () => shard, snapshot: () => snapshot }
    const { deps } = depsThatHear({ origin: view }, more)
    expect((await ask('/v1/origins/us-1', {}, deps)).json.drain).toMatchObject({
      drained: false,
      sessions: 8,
      left: '7 open connections, 30 requests in the last minute, 8 sessions',
    })
  })

  it.each([
    [{ type: 'cookie' }, false, 'nothing now, but clients with a cookie may come back'],
    [{ type: 'ip' }, true, 'nothing'],
  ] as const)('knows whether clients of %j may come back', async (affinity, drained, left) => {
    const fromMs = Date.now() - 60_000
    const drain = { fromMs, untilMs: fromMs + 300_000 }
    const snapshot = snapshotOf({
      pools: poolsOf({ us: ['us-1'], eu: ['eu-1'] }),
      routes: {
        all: { steer: { policy: 'failover', pools: ['eu'], fallback: 'us' }, affinity },
      },
    })
    const quiet = {
      ...detailOf('us-1'),
      connections: 0,
      passing: { perMinute: 0, knownSinceMs: 0 },
    }
    const origin = () =>
      ({ call: async () => ({ ok: true, value: quiet }) }) as Client<OriginMethods>
    const view: OriginView = { ...viewOf('us-1'), state: 'drain', drain }
    const { deps } = depsThatHear({ origin: view }, { origin, snapshot: () => snapshot })
    expect((await ask('/v1/origins/us-1', {}, deps)).json.drain).toMatchObject({ drained, left })
  })

  it('does not call it drained while its object does not answer', async () => {
    const drain = { fromMs: 1, untilMs: 300_001 }
    const view: OriginView = { ...viewOf('us-2'), state: 'drain', drain }
    const { deps } = depsThatHear({ origin: view }, { origin: originThat })
    expect((await ask('/v1/origins/us-2', {}, deps)).json).toMatchObject({
      drain: { drained: false, left: 'the object of an origin: no answer within 1000 ms' },
    })
  })

  it('is 404 for one that the configuration has not', async () => {
    const { deps } = depsThatHear({ origin: null })
    const told = await ask('/v1/origins/us-9', {}, deps)
    expect([told.status, told.json.detail]).toEqual([
      404,
      'there is no origin "us-9" in the configuration',
    ])
    expect((await ask('/v1/origins/US', {}, deps)).status).toBe(404)
  })
})

describe('GET /v1/pools', () => {
  it('tells the pools, and one of them', async () => {
    const { deps } = depsThatHear({ pools: { items: [POOL] }, pool: POOL })
    expect((await ask('/v1/pools', {}, deps)).json).toEqual({ items: [POOL] })
    expect((await ask('/v1/pools/us', {}, deps)).json).toEqual(POOL)
    const drain = { fromMs: 1, untilMs: 300_001 }
    const drained: PoolView = { ...POOL, origins: ['us-1', 'us-3'], state: 'drain', drain }
    const both = depsThatHear({ pool: drained }, { origin: originThat }).deps
    expect((await ask('/v1/pools/us', {}, both)).json).toMatchObject({
      drain: { ...drain, drained: false, connections: 14, requestsPerMinute: 60 },
    })
    const none = depsThatHear({ pool: null }).deps
    expect((await ask('/v1/pools/eu', {}, none)).status).toBe(404)
  })
})
