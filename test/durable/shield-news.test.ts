import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { askShield, createShieldMemory } from '../../src/cache/shield.ts'
import type { ShieldAsk } from '../../src/cache/shield-ask.ts'
import { markOf } from '../../src/cache/shield-wire.ts'
import { createIsolate } from '../../src/proxy/isolate.ts'
import { parseSnapshotNews } from '../../src/schema/snapshot.ts'
import { untilHolds } from '../support/until.ts'
import { control, valueOf } from './control-harness.ts'
import { ask, origin, page, serveAt, stage } from './shield-harness.ts'

beforeEach(() =>
  stage({ changed: {}, purged: {}, other: {}, renewed: { stale: { whileRevalidate: '1h' } } }),
)

afterEach(() => void vi.useRealTimers())

test('what a client has changed by way of an edge is asked about behind the shield', async () => {
  const url = 'https://changed.example.com/'
  const [one, other] = [createIsolate(), createIsolate()]
  origin.answer = () => page('before')
  for (const isolate of [one, other]) await ask(url, { isolate })
  origin.answer = () => page('after')
  const posted = new Request(url, { method: 'POST', body: 'new' })
  await serveAt(one, posted)
  // An answer of the same millisecond counts as older.
  await scheduler.wait(5)
  const seen = await ask(url, { isolate: one })
  expect(await seen.text()).toBe('after')
  // Whoever comes to the shield from now on gets that as well.
  const third = await ask(url)
  expect([await third.text(), origin.requests.length]).toEqual(['after', 3])
})

/** Asks one shield itself, by what an edge would know. */
async function askDirectly(parts: Pick<ShieldAsk, 'purge'> & Partial<ShieldAsk>) {
  const host = 'purged.example.com'
  const told = valueOf(await control.call('snapshot', { after: -1, form: '' }))
  const { form = '', generation = 0, publishedAtMs = 0 } = parseSnapshotNews(told) ?? {}
  const asked: ShieldAsk = {
    route: 'purged',
    form,
    generation,
    publishedAtMs,
    key: `purged\nhttps://${host}/`,
    method: 'GET',
    url: `https://${host}/`,
    headers: [],
    facts: {
      method: 'GET',
      scheme: 'https',
      host,
      path: '/',
      headers: {},
      cookies: {},
      query: {},
      client: {},
      nowMs: Date.now(),
      random: 0.5,
    },
    ...parts,
  }
  const memory = createShieldMemory()
  const target = { namespace: env.SHIELD, object: 'shield:test' }
  const shielded = await askShield(target, asked, { memory, timeoutMs: 5000 })
  await new Response(shielded?.body ?? null).text()
  return shielded?.head
}

test('of a body that the edge holds already only the head comes', async () => {
  origin.answer = () => page('held', { etag: '"1"', 'content-length': '4' })
  const first = await askDirectly({ purge: 0 })
  const held = first?.type === 'answer' ? markOf(first.head) : ''
  expect(await askDirectly({ purge: 0, held })).toMatchObject({ type: 'unchanged' })
  expect(await askDirectly({ purge: 0, held: `${held} ` })).toMatchObject({ type: 'answer' })
})

test('who has a stale answer already gets a fresh one from the shield, and no stale one', async () => {
  const url = 'https://renewed.example.com/'
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] })
  const isolate = createIsolate()
  await ask(url, { isolate })
  vi.setSystemTime(Date.now() + 61_000)
  origin.answer = () => page('anew')
  // Of the shield both are stale and of use; the isolate fetches anew behind the first.
  const stale = await ask(url, { isolate })
  expect(await stale.text()).toBe('body')
  await untilHolds(() => expect(origin.requests.length).toBe(2))
  await untilHolds(async () => {
    const fresh = await ask(url, { isolate })
    expect(fresh.headers.get('cache-status')).toMatch(/; hit; ttl=[1-9]/)
  })
  expect(isolate.cache.shields.counts.asked).toBe(2)
})

test('a shield that does not know the newest purge looks for it before it answers', async () => {
  expect(await askDirectly({ purge: 0 })).toMatchObject({ type: 'answer', head: { asOf: 0 } })
  const before = origin.requests.length
  const purged = valueOf(
    await control.call('purge', {
      targets: [{ host: 'purged.example.com' }],
      kind: 'hard',
      actor: { name: 'ann' },
    }),
  )
  const { serial } = purged.outcome === 'purged' ? purged : { serial: 0 }
  const after = await askDirectly({ purge: serial })
  expect(after).toMatchObject({ type: 'answer', head: { asOf: serial } })
  expect(origin.requests.length).toBe(before + 1)
  // Of a purge that nobody knows, and of another configuration, it says nothing.
  expect(await askDirectly({ purge: serial + 1_000_000 })).toBeUndefined()
  expect(await askDirectly({ purge: serial, form: 'another' })).toBeUndefined()
  expect(await askDirectly({ purge: serial, route: 'other' })).toBeUndefined()
})
