import { expect, onTestFinished, test, vi } from 'vitest'
import { createShield, type ShieldService } from '../../durable/shield.ts'
import type { Stored } from '../../src/cache/policy/stored.ts'
import {
  askShield,
  createShieldMemory,
  lookInShield,
  SHIELD_LIMITS,
  shieldFor,
  type ShieldTarget,
} from '../../src/cache/shield.ts'
import type { ShieldAsk } from '../../src/cache/shield-ask.ts'
import { markOf, SHIELD_URLS, toShieldResponse } from '../../src/cache/shield-wire.ts'
import type { Env } from '../../src/env.ts'
import { storedOf } from '../support/stored.ts'

const KEY = 'site\nhttps://www.example.com/a'

const ask: ShieldAsk = {
  route: 'site',
  form: 'f',
  generation: 1,
  publishedAtMs: 1,
  key: KEY,
  purge: 0,
  method: 'GET',
  url: 'https://www.example.com/a',
  headers: [['accept', '*/*']],
  facts: {
    method: 'GET',
    scheme: 'https',
    host: 'www.example.com',
    path: '/a',
    headers: {},
    cookies: {},
    query: {},
    client: { ip: '192.0.2.1', city: 'São Paulo' },
    nowMs: 1,
    random: 0.5,
  },
}

const answered = (fields: Stored['fields'] = [], parts: Partial<Stored> = {}): Stored =>
  storedOf({ key: KEY, fields, bodyBytes: 4, ...parts })

type ObjectFetch = (request: Request) => Promise<Response>

/** A namespace of one object, as a stub would reach it, and how it answers. */
function namespaceOf(fetch: ObjectFetch): ShieldTarget {
  const stub = {
    fetch: (url: string, init?: RequestInit) => fetch(new Request(url, init)),
  }
  const namespace = { idFromName: (name: string) => name, get: () => stub }
  // What of the platform's namespace is used.
  return { namespace: namespace as unknown as DurableObjectNamespace, object: 'shield:0' }
}

const inObject = (answer: ShieldService['answer'], look: ShieldService['look'] = () => null) => {
  const Shield = createShield({ begin: () => undefined, answer, look })
  const shield = new Shield(
    { waitUntil: () => undefined } as unknown as DurableObjectState,
    {} as Env,
  )
  return (request: Request): Promise<Response> => shield.fetch(request)
}

test('an answer comes through with its head and its bytes, whatever they are', async () => {
  const head = answered([
    ['content-encoding', 'gzip'],
    ['x-city', 'São Paulo “”'],
  ])
  let heard: ShieldAsk | undefined
  const target = namespaceOf(
    inObject(async (asked) => {
      heard = asked
      return toShieldResponse({ type: 'answer', head }, new Uint8Array([0, 255, 31, 139]))
    }),
  )
  const memory = createShieldMemory()
  const shielded = await askShield(target, ask, { memory, timeoutMs: 5000 })
  expect(shielded?.head).toEqual({ type: 'answer', head })
  const bytes = await new Response(shielded?.body ?? null).bytes()
  expect([...bytes]).toEqual([0, 255, 31, 139])
  expect(heard).toEqual(ask)
  expect(memory.counts).toMatchObject({ asked: 1, answered: 1, missed: 0 })
})

test('what is no ask, or none of this release, is not served', async () => {
  const fetch = inObject(async () => toShieldResponse({ type: 'answer', head: answered() }, 'body'))
  const told = async (body: string) => {
    const answer = await fetch(new Request(SHIELD_URLS.fetch, { method: 'POST', body }))
    return JSON.parse(answer.headers.get('portolan-head') ?? '{}')
  }
  expect(await told('{')).toMatchObject({ type: 'behind' })
  expect(await told(JSON.stringify({ ...ask, facts: { host: 1 } }))).toMatchObject({
    type: 'behind',
  })
  expect(await told(JSON.stringify({ ...ask, later: 'unknown' }))).toMatchObject({ type: 'answer' })
})

test('what it has in memory is told, and that it is away', async () => {
  const head = answered([['x-city', 'São Paulo']])
  const answer = async () => toShieldResponse({ type: 'answer', head }, null)
  const target = namespaceOf(inObject(answer, (key) => (key === KEY ? head : null)))
  expect(await lookInShield(target, KEY)).toEqual(head)
  expect(await lookInShield(target, 'another')).toBeNull()
  const lost = namespaceOf(async () => Promise.reject(new Error('away')))
  expect(await lookInShield(lost, KEY)).toBe('away')
})

test('a shield that is behind, or speaks otherwise, leaves the edge to the origin, and is asked again a second later', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  onTestFinished(() => void vi.useRealTimers())
  const memory = createShieldMemory()
  const answers = [
    toShieldResponse({ type: 'behind', why: 'no such route' }, null),
    new Response('other', {
      headers: { 'portolan-head': '{"type":"answer","head":{"format":99}}' },
    }),
    new Response('failed', { status: 500 }),
  ]
  for (const answer of answers) {
    const target = namespaceOf(async () => answer)
    expect(await askShield(target, ask, { memory, timeoutMs: 5000 })).toBeUndefined()
    expect(await askShield(target, ask, { memory, timeoutMs: 5000 })).toBeUndefined()
    vi.setSystemTime(Date.now() + SHIELD_LIMITS.behindMs)
  }
  expect(memory.counts).toMatchObject({ asked: 3, behind: 3, skipped: 3 })
})

test('a head that is too large for the platform is not sent', async () => {
  const fields: Stored['fields'] = [['x-large', 'a'.repeat(70_000)]]
  const target = namespaceOf(async () =>
    toShieldResponse({ type: 'answer', head: answered(fields) }, null),
  )
  const memory = createShieldMemory()
  expect(await askShield(target, ask, { memory, timeoutMs: 5000 })).toBeUndefined()
  expect(memory.counts.behind).toBe(1)
})

/** With a clock of the test's own; answers what comes of an ask, and after how many ms. */
async function timed(target: ShieldTarget, memory = createShieldMemory(), timeoutMs = 30_000) {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const startedAtMs = Date.now()
  const asking = askShield(target, ask, { memory, timeoutMs }).then((shielded) => {
    return { shielded, tookMs: Date.now() - startedAtMs }
  })
  await vi.advanceTimersByTimeAsync(60_000)
  return asking
}

const never = () => new Promise<never>(() => undefined)

test('a shield that is away is left after two seconds, and not asked for five', async () => {
  const memory = createShieldMemory()
  const target = namespaceOf(never)
  expect(await timed(target, memory)).toEqual({ shielded: undefined, tookMs: 2000 })
  vi.setSystemTime(Date.now() - 60_000 + 2000)
  expect(await timed(target, memory)).toMatchObject({ tookMs: 0 })
  vi.setSystemTime(Date.now() + SHIELD_LIMITS.awayMs)
  expect(await timed(target, memory)).toMatchObject({ tookMs: 2000 })
  expect(memory.counts).toMatchObject({ asked: 2, missed: 2, skipped: 1 })
})

/** One that is there, and answers after a while. */
function slow(ms: number): ShieldTarget {
  return namespaceOf(async ({ url }) => {
    if (url === SHIELD_URLS.alive) return new Response(null, { status: 204 })
    await new Promise((resolve) => setTimeout(resolve, ms))
    return toShieldResponse({ type: 'answer', head: answered() }, null)
  })
}

test('a shield that is there may wait for its origin, but not for ever', async () => {
  expect(await timed(slow(20_000))).toMatchObject({ tookMs: 20_000, shielded: { head: {} } })
  expect(await timed(slow(40_000))).toEqual({ shielded: undefined, tookMs: 30_000 })
})

/** How often an object is called whose first call fails so, and what comes of it. */
async function failing(marks: object) {
  let calls = 0
  const target = namespaceOf(async () => {
    calls += 1
    if (calls === 1) throw Object.assign(new Error('reset'), marks)
    return toShieldResponse({ type: 'answer', head: answered() }, null)
  })
  const shielded = await askShield(target, ask, { memory: createShieldMemory(), timeoutMs: 5000 })
  return [calls, shielded?.head.type]
}

test('a call that the platform ended is made once more, one of an overloaded object is not', async () => {
  expect(await failing({ retryable: true })).toEqual([2, 'answer'])
  expect(await failing({ retryable: true, overloaded: true })).toEqual([1, undefined])
  expect(await failing({})).toEqual([1, undefined])
})

test('keys are spread over the shards of the region, and one key has one object', () => {
  const namespace = namespaceOf(never).namespace
  const objectOf = (at: number, shield: Parameters<typeof shieldFor>[0]['shield']) => {
    const tiers = { memory: true, colo: true, kv: true, shield }
    return shieldFor(tiers, { key: `key-${at}`, shards: 8 }, namespace)
  }
  const objects = Array.from({ length: 200 }, (_, at) => objectOf(at, { region: 'weur' })?.object)
  expect(new Set(objects).size).toBe(8)
  expect(objectOf(3, { region: 'weur' })).toMatchObject({
    object: objects[3],
    locationHint: 'weur',
  })
  expect(objectOf(3, true)?.object).toMatch(/^shield:\d$/)
  expect(objectOf(3, false)).toBeUndefined()
})

test('what is held already is known by its validators, its encoding and its length', () => {
  const marked = answered([['etag', '"1"']])
  expect(markOf(answered())).toBe('')
  expect(markOf(answered([['etag', '"1"']], { receivedAtMs: 99 }))).toBe(markOf(marked))
  const others = [
    answered([['etag', '"2"']]),
    answered([['etag', '"1"']], { bodyBytes: 5 }),
    answered([
      ['etag', '"1"'],
      ['content-encoding', 'br'],
    ]),
  ]
  for (const other of others) expect(markOf(other)).not.toBe(markOf(marked))
})
