import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { KeptAnswer } from '../../durable/idempotency-methods.ts'
import { openIdempotencyStore } from '../../durable/idempotency-store.ts'
import type { AdminDeps } from '../../src/admin/resource.ts'
import { emptyAll } from '../support/processes-worker.ts'
import { ask, depsOf } from './ask.ts'

const put = async (weight: number) => {
  const origins = { 'us-1': { url: 'https://us-1.example.com', weight } }
  return ask('/v1/config', { method: 'PUT', body: JSON.stringify({ pools: { us: { origins } } }) })
}

const rollback = async (key: string, query = '', deps = depsOf()) => {
  const headers = { 'idempotency-key': key }
  return ask(`/v1/revisions/1/rollback${query}`, { method: 'POST', headers }, deps)
}

/** A control object of which one method does not answer as it should. */
function without(broken: string): AdminDeps {
  const deps = depsOf()
  const call: AdminDeps['control']['call'] = async (name, input) =>
    name === broken
      ? { ok: false, error: { kind: 'timeout', message: 'gone' } }
      : deps.control.call(name, input)
  return { ...deps, control: { call } }
}

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  await put(1)
  await put(2)
})
afterEach(async () => {
  vi.useRealTimers()
  await emptyAll()
})

it('runs a call once, and gives its answer again', async () => {
  const first = await rollback('"8e03978e-40d5-43dd-bc93-6894a57f9324"')
  expect(first.json).toMatchObject({ outcome: 'accepted', revision: 3 })
  await put(4)
  const again = await rollback('8e03978e-40d5-43dd-bc93-6894a57f9324')
  expect([again.status, again.text]).toEqual([first.status, first.text])
  expect(again.headers.get('etag')).toBe('"3"')
  expect(again.headers.get('content-type')).toBe('application/json')
  const marks = [first, again].map(({ headers }) => headers.get('idempotency-replayed'))
  expect(marks).toEqual([null, 'true'])
  expect((await ask('/v1/config')).headers.get('etag')).toBe('"4"')
})

it('gives a refusal again, too', async () => {
  const headers = { 'idempotency-key': 'k', 'if-match': '"7"' }
  const path = '/v1/revisions/1/rollback'
  const refused = await ask(path, { method: 'POST', headers })
  const again = await ask(path, { method: 'POST', headers })
  expect([refused.status, again.status]).toEqual([412, 412])
  expect(again.headers.get('idempotency-replayed')).toBe('true')
})

it('refuses another call by the same name', async () => {
  await rollback('k')
  const other = await rollback('k', '?message=other')
  expect([other.status, other.json.reason]).toEqual([422, 'key-reused'])
})

it('keeps the keys of two callers apart', async () => {
  const scopes = ['configure']
  const made = await ask('/v1/tokens', {
    method: 'POST',
    body: JSON.stringify({ name: 'ci', scopes }),
  })
  await rollback('k')
  const headers = { 'idempotency-key': 'k', authorization: `Bearer ${made.json.token}` }
  const told = await ask('/v1/revisions/2/rollback', { method: 'POST', headers })
  expect([told.status, told.headers.get('idempotency-replayed')]).toEqual([200, null])
})

it('refuses the same call while the first is under way, for two minutes at most', async () => {
  const lost = await rollback('k', '', without('endCall'))
  expect(lost.status).toBe(200)
  const told = await rollback('k')
  expect([told.status, told.json.reason, told.headers.get('retry-after')]).toEqual([
    409,
    'key-in-use',
    '2',
  ])
  // A probe that an operator asked for may take longer than a minute.
  vi.setSystemTime(Date.now() + 70_000)
  expect((await rollback('k')).status).toBe(409)
  vi.setSystemTime(Date.now() + 50_001)
  expect((await rollback('k')).json).toMatchObject({ outcome: 'unchanged' })
})

it('does not keep the answer of a call that failed', async () => {
  expect((await rollback('k', '', without('rollback'))).status).toBe(504)
  expect((await rollback('k')).json).toMatchObject({ outcome: 'accepted' })
})

it('does nothing when the key cannot be kept', async () => {
  expect((await rollback('k', '', without('beginCall'))).status).toBe(504)
  expect((await ask('/v1/config')).headers.get('etag')).toBe('"2"')
})

it('forgets after a day', async () => {
  await rollback('k')
  vi.setSystemTime(Date.now() + 86_400_000)
  const told = await rollback('k', '?message=other')
  expect([told.status, told.headers.get('idempotency-replayed')]).toEqual([200, null])
})

it('takes no key that is none', async () => {
  for (const key of ['', '""', 'a b', '"a', 'x'.repeat(256), '"é"']) {
    const told = await rollback(key)
    expect([key, told.status]).toEqual([key, 400])
  }
})

it('keeps so many calls, and forgets the oldest', async () => {
  const stub = env.CONTROL.get(env.CONTROL.idFromName('control'))
  const answer: KeptAnswer = { status: 200, headers: {}, body: '{}' }
  const found = await runInDurableObject(stub, (_object, state) => {
    const store = openIdempotencyStore(state.storage.sql, 3)
    for (const [index, id] of ['a', 'b', 'c', 'd', 'e'].entries()) {
      store.begin(id, 'f', index + 1)
      store.end(id, answer)
    }
    return ['a', 'b', 'c', 'd', 'e'].filter((id) => store.find(id, 6) !== undefined)
  })
  expect(found).toEqual(['c', 'd', 'e'])
})
