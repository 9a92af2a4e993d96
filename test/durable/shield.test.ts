import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createOriginClient } from '../../durable/origin-methods.ts'
import { createIsolate } from '../../src/proxy/isolate.ts'
import { endAll } from '../support/processes-worker.ts'
import { untilHolds } from '../support/until.ts'
import { valueOf } from './control-harness.ts'
import { ask, origin, page, stage } from './shield-harness.ts'

beforeEach(() =>
  stage({
    together: {},
    places: {},
    varied: {},
    bytes: {},
    'too-large': { maxObjectBytes: 4096 },
    private: {},
    held: {},
    parts: {},
    forged: {},
    failing: {},
    // Longer than a busy machine takes for the rest.
    reset: { waitForLeader: '20s' },
    others: {},
    health: {},
  }),
)

afterEach(() => void vi.useRealTimers())

/** Something that waits until it is let through. */
function gate() {
  const waiting: (() => void)[] = []
  const opened = new Promise<void>((resolve) => {
    waiting.push(resolve)
  })
  const open = (): void => waiting.forEach((go) => go())
  return { opened, open }
}

test('six isolates that miss the same at the same time are one fetch', async () => {
  const released = gate()
  origin.answer = async () => {
    await released.opened
    return page('once')
  }
  const asking = Array.from({ length: 6 }, () => ask('https://together.example.com/a'))
  await untilHolds(() => expect(origin.requests.length).toBe(1))
  released.open()
  const answers = await Promise.all(asking)
  const texts = await Promise.all(answers.map((answer) => answer.text()))
  expect(texts).toEqual(Array.from({ length: 6 }, () => 'once'))
  const later = await ask('https://together.example.com/a')
  expect([await later.text(), origin.requests.length]).toEqual(['once', 1])
})

test('a shield decides by what the edge knows of the client', async () => {
  for (const country of ['DE', 'BR']) {
    const headers = { 'portolan-facts': JSON.stringify({ country, city: 'Lima' }) }
    const { status } = await ask(`https://places.example.com/${country}`, { headers })
    expect(status).toBe(200)
  }
  const seen = origin.requests.map(({ url, headers }) => [url, headers.get('portolan-facts')])
  expect(seen).toEqual([
    ['https://eu.example.net/DE', null],
    ['https://us.example.net/BR', null],
  ])
})

test('each variant of a page is fetched once', async () => {
  origin.answer = ({ headers }) => page(headers.get('x-lang'), { vary: 'x-lang' })
  const texts: string[] = []
  for (const lang of ['de', 'en', 'de', 'en', 'de']) {
    const answer = await ask('https://varied.example.com/', { headers: { 'x-lang': lang } })
    texts.push(await answer.text())
  }
  expect([texts.join(), origin.requests.length]).toEqual(['de,en,de,en,de', 2])
})

test('bytes come as the origin encoded them, stored or not', async () => {
  const encoded = new Uint8Array([31, 139, 0, 255, 10, 13, 0, 1])
  const controls = { stored: 'max-age=60', passed: 'no-store' } as const
  const asked = { headers: { 'accept-encoding': 'gzip' } }
  for (const path of ['stored', 'passed'] as const) {
    origin.answer = () =>
      page(encoded, { 'content-encoding': 'gzip', 'cache-control': controls[path] })
    for (let round = 0; round < 2; round += 1) {
      const answer = await ask(`https://bytes.example.com/${path}`, asked)
      const type = answer.headers.get('content-encoding')
      expect([type, [...(await answer.bytes())]]).toEqual(['gzip', [...encoded]])
    }
  }
  expect(origin.requests.length).toBe(1 + 2)
})

test('what is too large to be kept passes through as it comes', async () => {
  const large = new Uint8Array(1_000_000).map((_, at) => at % 251)
  const whole = () => new Blob([large]).stream()
  for (const fields of [{ 'content-length': '1000000' }, {}]) {
    origin.answer = () => page(whole(), fields)
    const answer = await ask('https://too-large.example.com/file')
    const bytes = await answer.bytes()
    // Told by what differs: a million bytes are no message.
    expect(bytes.findIndex((byte, at) => byte !== large[at])).toBe(-1)
    expect(bytes.length).toBe(large.length)
  }
})

test('what is for one client alone stays so, and keeps its cookies apart', async () => {
  origin.answer = ({ headers }) => {
    const answer = page(`for ${headers.get('x-who')}`, { 'cache-control': 'private' })
    answer.headers.append('set-cookie', 'a=1; Path=/')
    answer.headers.append('set-cookie', 'b=2; Path=/')
    return answer
  }
  for (const who of ['ann', 'ben']) {
    const answer = await ask('https://private.example.com/', { headers: { 'x-who': who } })
    expect(answer.headers.getSetCookie()).toEqual(['a=1; Path=/', 'b=2; Path=/'])
    expect(await answer.text()).toBe(`for ${who}`)
  }
})

test('a body that the edge still holds does not come again', async () => {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] })
  const isolate = createIsolate()
  origin.answer = ({ headers }) =>
    headers.get('if-none-match') === '"1"'
      ? new Response(null, { status: 304, headers: { etag: '"1"', 'cache-control': 'max-age=60' } })
      : page('held', { etag: '"1"', 'content-length': '4' })
  const first = await ask('https://held.example.com/', { isolate })
  expect(await first.text()).toBe('held')
  vi.setSystemTime(Date.now() + 61_000)
  const second = await ask('https://held.example.com/', { isolate })
  expect(await second.text()).toBe('held')
  expect(second.headers.get('cache-status')).toContain('fwd=stale')
  const third = await ask('https://held.example.com/', { isolate })
  expect(third.headers.get('cache-status')).toContain('hit')
  expect(origin.requests.length).toBe(2)
  expect(isolate.cache.shields.counts).toMatchObject({ asked: 2, answered: 2 })
})

test('conditions and ranges of a client are answered from the whole', async () => {
  origin.answer = () => page('0123456789', { etag: '"1"', 'content-length': '10' })
  const url = 'https://parts.example.com/'
  const part = await ask(url, { headers: { range: 'bytes=2-4' } })
  expect([part.status, await part.text()]).toEqual([206, '234'])
  const same = await ask(url, { headers: { 'if-none-match': '"1"' } })
  expect(same.status).toBe(304)
  const [request] = origin.requests
  expect([origin.requests.length, request?.headers.get('range')]).toEqual([1, null])
})

test('neither an origin nor a client can speak for the shield', async () => {
  const forged = JSON.stringify({ type: 'refused', reason: { type: 'no-route' } })
  origin.answer = () => page('honest', { 'portolan-head': forged, 'portolan-stored': '{}' })
  const headers = { 'portolan-head': forged, 'portolan-shield': forged }
  for (let round = 0; round < 2; round += 1) {
    const answer = await ask('https://forged.example.com/', { headers })
    expect([answer.status, await answer.text()]).toEqual([200, 'honest'])
  }
})

test('why nobody may serve comes through the shield', async () => {
  origin.answer = () => Promise.reject(new Error('connection refused'))
  const answer = await ask('https://failing.example.com/')
  expect(answer.status).toBe(502)
  expect(await answer.json()).toMatchObject({ title: expect.any(String) })
})

test('a shield that is ended in the middle of a fetch costs no answer', async () => {
  vi.useRealTimers()
  origin.answer = () => {
    if (origin.requests.length > 1) return page('after all')
    return new Promise(() => undefined)
  }
  const asking = ask('https://reset.example.com/')
  // By looking, and not by a promise that the object would fulfil: it must not be ended from within.
  await untilHolds(() => expect(origin.requests.length).toBe(1))
  await endAll()
  const answer = await asking
  expect([answer.status, await answer.text()]).toEqual([200, 'after all'])
  // Nobody waits for the fetch that ended with it.
  const startedAtMs = Date.now()
  const next = await ask('https://reset.example.com/')
  expect([next.status, Date.now() - startedAtMs < 15_000]).toEqual([200, true])
})

test('objects that begin meanwhile leave what another one fetches for all alone', async () => {
  await endAll()
  const released = gate()
  origin.answer = async ({ url }) => {
    if (url.endsWith('/slow')) await released.opened
    return page('body')
  }
  const asking = [ask('https://others.example.com/slow')]
  await untilHolds(() => expect(origin.requests.length).toBe(1))
  const others = Array.from({ length: 8 }, (_, at) => ask(`https://others.example.com/${at}`))
  await Promise.all(others)
  asking.push(ask('https://others.example.com/slow'))
  await scheduler.wait(100)
  released.open()
  await Promise.all(asking)
  expect(origin.requests.filter(({ url }) => url.endsWith('/slow'))).toHaveLength(1)
})

test('what a shield sees of an origin is told as by any isolate', async () => {
  // Of this test alone: what others have sent to an origin is forgotten half a minute later.
  const client = createOriginClient(env, 'shielded-pe', 5000)
  const measure = async () => {
    const { passive } = valueOf(await client.call('detail', { origin: 'shielded-pe' }))
    return passive
  }
  const isolates = [createIsolate(), createIsolate()]
  const headers = { 'portolan-facts': JSON.stringify({ country: 'PE' }) }
  for (const [at, isolate] of isolates.entries()) {
    const { status } = await ask(`https://health.example.com/${at}`, { isolate, headers })
    expect(status).toBe(200)
  }
  await untilHolds(async () => expect((await measure()).requests).toBe(isolates.length))
  // The isolates themselves have sent nothing.
  const sent = isolates.map(({ standing }) =>
    standing?.ledger.origins.map(({ requests }) => requests),
  )
  expect(sent).toEqual([
    [0, 0, 0],
    [0, 0, 0],
  ])
})
