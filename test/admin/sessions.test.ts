import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { emptyAll } from '../support/processes-worker.ts'
import { PROPERTY_SEED } from '../support/property-seed.ts'
import { ask, depsOf } from './ask.ts'

const durable = { store: 'durable', idle: '1h' }
const steer = { policy: 'failover', pools: ['us'] }

const CONFIG = {
  settings: { sessions: { shards: 3 } },
  pools: {
    us: { origins: { 'us-1': { url: 'https://us-1.example.com' } } },
    eu: { origins: { 'eu-1': { url: 'https://eu-1.example.com' } } },
  },
  routes: {
    app: {
      match: { path: '/app/*' },
      steer,
      affinity: { type: 'header', names: [{ header: 'x-user' }], ...durable },
    },
    home: { match: { path: '/home/*' }, steer, affinity: { type: 'ip', ...durable } },
    shop: { steer, affinity: { type: 'cookie' } },
  },
}

beforeEach(async () => {
  await ask('/v1/config', { method: 'PUT', body: JSON.stringify(CONFIG) })
})
afterEach(emptyAll)

const put = (path: string, body: unknown) =>
  ask(path, { method: 'PUT', body: JSON.stringify(body) })

describe('a session', () => {
  it('is made, read, moved and ended by its key and its route', async () => {
    const path = '/v1/sessions/anna?route=app'
    expect((await ask(path)).status).toBe(404)
    expect((await put(path, { data: 'cart' })).status).toBe(404)
    expect((await put(path, { origin: 'us-1', data: 'cart' })).status).toBe(200)
    const { json } = await ask(path)
    expect(json).toMatchObject({ route: 'app', origin: 'us-1', data: 'cart' })
    expect(json.expiresAtMs).toBeGreaterThan(Date.now() + 3_500_000)
    expect((await ask('/v1/sessions')).json).toMatchObject({
      sessions: 1,
      origins: { 'us-1': 1 },
      shards: 3,
    })
    expect((await put(path, { data: null })).json).not.toHaveProperty('data')
    expect((await ask(path, { method: 'DELETE' })).status).toBe(204)
    expect((await ask(path, { method: 'DELETE' })).status).toBe(404)
    expect((await ask(path)).status).toBe(404)
    expect((await ask('/v1/sessions')).json).toMatchObject({ sessions: 0, origins: {} })
  })

  it('is another one on each route, and the same for every address of a net', async () => {
    await put('/v1/sessions/2001%3Adb8%3A%3A1?route=home', { origin: 'us-1' })
    const same = await ask('/v1/sessions/2001%3ADB8%3A0%3A0%3Affff%3A%3A2?route=home')
    expect(same.json).toMatchObject({ origin: 'us-1' })
    expect((await ask('/v1/sessions/2001%3Adb8%3A%3A1?route=app')).status).toBe(404)
  })

  it('belongs to an origin of its route, and only where the route keeps sessions', async () => {
    expect((await put('/v1/sessions/anna?route=app', { origin: 'eu-1' })).json).toMatchObject({
      reason: 'conflict',
      detail: '"eu-1" is no origin of the route "app"',
    })
    expect((await ask('/v1/sessions/anna?route=shop')).json).toMatchObject({ reason: 'conflict' })
    expect((await ask('/v1/sessions/anna?route=none')).json).toMatchObject({ reason: 'not-found' })
    expect((await ask('/v1/sessions/anna')).status).toBe(400)
  })

  it('is found after the number of shards was changed', async () => {
    const path = '/v1/sessions/anna?route=app'
    for (const shards of [16, 2, 5]) {
      await put(path, { origin: 'us-1', data: `of ${shards}` })
      const config = { ...CONFIG, settings: { sessions: { shards } } }
      expect((await put('/v1/config', config)).status).toBe(200)
      expect((await ask(path)).json).toMatchObject({ data: `of ${shards}` })
    }
    expect((await ask('/v1/sessions')).json).toMatchObject({ sessions: 1, shards: 5 })
  })

  it('is said to be out of reach while its shard is', async () => {
    const deps = depsOf({
      sessions: () => ({
        call: async () => ({ ok: false, error: { kind: 'timeout', message: 'no answer' } }),
      }),
    })
    const told = await ask('/v1/sessions/anna?route=app', {}, deps)
    expect([told.status, told.json.reason]).toEqual([503, 'sessions-unavailable'])
    expect((await ask('/v1/sessions', {}, deps)).json).toMatchObject({
      sessions: 0,
      missing: 'shard 0: no answer, and 2 more',
    })
  })
})

it('refuses data that is none, and tells what is wrong with whatever else is sent', async () => {
  const path = '/v1/sessions/anna?route=app'
  for (const data of ['x'.repeat(4097), 'ä'.repeat(2049), '\ud800', 7, {}]) {
    expect([data, (await put(path, { origin: 'us-1', data })).status]).toEqual([data, 422])
  }
  expect((await put(path, { origin: 'us-1', data: 'ä'.repeat(2048) })).status).toBe(200)
  const key = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 40 }).map(encodeURIComponent),
    fc.string({
      unit: fc.constantFrom('%', '2', 'f', 'F', '/', '.', ':', '0', 'C'),
      maxLength: 12,
    }),
  )
  const call = fc.record({
    key,
    method: fc.constantFrom('GET', 'PUT', 'DELETE'),
    query: fc.constantFrom(
      'route=app',
      'route=home',
      'route=',
      '',
      'route=constructor',
      'route=%00',
    ),
    body: fc.constantFrom('{"origin":"us-1"}', '{"data":"\\u0000"}', '{', '{"origin":"__proto__"}'),
  })
  await fc.assert(
    fc.asyncProperty(call, async ({ key: text, method, query, body }) => {
      const sent = method === 'PUT' ? { method, body } : { method }
      expect((await ask(`/v1/sessions/${text}?${query}`, sent)).status).toBeLessThan(500)
    }),
    { numRuns: 300, seed: PROPERTY_SEED },
  )
})
