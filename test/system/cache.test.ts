import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { header, headerValues } from '../support/client.ts'
import { http, raw, shareLanes } from '../support/lane.ts'
import { fateOf, pages } from '../support/page.ts'
import { gate, inTurn, reply } from '../support/reply.ts'
import { connectRaw } from '../support/raw-client.ts'
import { replyRawAndClose, stall } from '../support/raw-scripts.ts'
import { until } from '../support/until.ts'

const lane = shareLanes()

const STORED = 'fwd=uri-miss; fwd-status=200; stored'
const HIT = 'hit; ttl'

const saying = (text: string) => reply({ body: 'page', headers: [['Cache-Control', text]] })

describe('what is kept', () => {
  const shown = lane(
    {
      origin: http(
        pages({
          headers: [
            ['Content-Type', 'text/plain'],
            ['X-Powered-By', 'php'],
            ['Portolan-Cache-Control', 'max-age=60'],
          ],
        }),
      ),
    },
    {
      cache: {},
      expose: true,
      responseHeaders: { remove: ['x-powered-by'], set: { 'x-own': '1' } },
    },
  )

  test('comes from memory, with its age and what its route changes', async () => {
    const { origin, router, url } = shown()
    const missed = await router.send(`${url}a`)
    const hit = await router.send(`${url}a`)
    expect([fateOf(missed), fateOf(hit)]).toEqual([STORED, HIT])
    expect(hit.text).toBe('page 1 of /a')
    expect(Number(header(hit, 'age'))).toBeLessThan(5)
    for (const { headers } of [missed, hit]) {
      const told = ['x-own', 'x-powered-by', 'portolan-cache-control']
      expect(told.map((name) => header({ headers }, name))).toEqual(['1', undefined, undefined])
    }
    expect([header(missed, 'portolan-origin'), header(hit, 'portolan-origin')]).toEqual([
      expect.stringMatching(/^origin-/),
      undefined,
    ])
    expect(header(hit, 'x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
    expect(origin.requests.length).toBe(1)
  })

  test('answers HEAD, conditions and ranges', async () => {
    const { origin, router, url } = shown()
    const page = `${url}shapes`
    const head = await router.send(page, { method: 'HEAD' })
    const { text } = await router.send(page)
    const again = await router.send(page, { method: 'HEAD' })
    expect([head.body.length, header(head, 'content-length')]).toEqual([0, String(text.length)])
    expect([fateOf(again), header(again, 'content-length')]).toEqual([HIT, String(text.length)])
    const tag = header(again, 'etag') ?? ''
    const unchanged = await router.send(page, { headers: [['If-None-Match', tag]] })
    expect([unchanged.status, header(unchanged, 'etag'), unchanged.text]).toEqual([304, tag, ''])
    const part = await router.send(page, { headers: [['Range', 'bytes=5-7']] })
    expect([part.status, part.text, header(part, 'content-range')]).toEqual([
      206,
      text.slice(5, 8),
      `bytes 5-7/${text.length}`,
    ])
    const beyond = await router.send(page, { headers: [['Range', 'bytes=999-']] })
    expect([beyond.status, header(beyond, 'content-range')]).toEqual([
      416,
      `bytes */${text.length}`,
    ])
    expect(origin.requests.filter(({ target }) => target === '/shapes').length).toBe(1)
    expect(origin.requests.map(({ method }) => method)).not.toContain('HEAD')
  })

  test('is no answer to what changes something, and is asked about after it', async () => {
    const { origin, router, url } = shown()
    const page = `${url}changed`
    await router.send(page)
    const posted = await router.send(page, { method: 'POST', body: 'x' })
    expect(fateOf(posted)).toBe('fwd=method; fwd-status=200')
    const asked = await router.send(page)
    expect(fateOf(asked)).toBe('fwd=stale; fwd-status=304; stored')
    expect(origin.requests.filter(({ target }) => target === '/changed').length).toBe(3)
  })

  test('is nothing that a handshake gets', async () => {
    const { router, url } = shown()
    await router.send(`${url}socket`)
    const lines = [
      ['Connection', 'Upgrade'],
      ['Upgrade', 'websocket'],
      ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ=='],
      ['Sec-WebSocket-Version', '13'],
    ] as const
    const shaken = await router.send(`${url}socket`, { headers: lines })
    expect(fateOf(shaken)).toContain('fwd=bypass')
  })

  const zipped = lane(
    {
      origin: http(
        reply({
          gzip: true,
          body: 'long text',
          headers: [
            ['Cache-Control', 'max-age=60'],
            ['Vary', 'Accept-Encoding'],
          ],
        }),
      ),
    },
    { cache: {} },
  )

  test('stays encoded as the origin encoded it', async () => {
    const { router, url } = zipped()
    const ask = () => router.send(url, { headers: [['Accept-Encoding', 'gzip']] })
    const [missed, hit] = [await ask(), await ask()]
    expect([fateOf(missed), fateOf(hit)]).toEqual([STORED, HIT])
    expect(gunzipSync(hit.body).toString()).toBe('long text')
    expect(hit.body.equals(missed.body)).toBe(true)
  })

  const behind = lane(
    { origin: http(pages({ headers: [['Cache-Status', 'inner; hit']] })) },
    { cache: {} },
  )

  test('says so behind the caches nearer to the origin', async () => {
    const { router, url } = behind()
    const seen = [await router.send(url), await router.send(url)]
    const [missed, hit] = seen.map((answer) => headerValues(answer, 'cache-status'))
    expect(missed).toEqual(['inner; hit', `portolan; ${STORED}`])
    expect(hit).toEqual(['inner; hit', expect.stringMatching(/^portolan; hit; ttl=/)])
  })

  const varied = lane(
    { origin: http(pages({ headers: [['Vary', 'Accept-Language']] })) },
    { cache: {} },
  )

  test('is told apart by what it varies by', async () => {
    const { router, url } = varied()
    const ask = (language: string) => router.send(url, { headers: [['Accept-Language', language]] })
    const seen = [await ask('de'), await ask('fr'), await ask('de'), await ask('fr')]
    expect(seen.map(fateOf)).toEqual([STORED, 'fwd=vary-miss; fwd-status=200; stored', HIT, HIT])
    expect(seen.map(({ text }) => text.slice(0, 6))).toEqual([
      'page 1',
      'page 2',
      'page 1',
      'page 2',
    ])
  })
})

describe('requests for the same at the same time', () => {
  const slow = gate(pages())
  const many = lane({ origin: http(slow.reply) }, { cache: {} })

  test('are one request to the origin', async () => {
    const { origin, router, url } = many()
    // The router counts the requests of all lanes.
    const countAll = async () => (await router.status()).isolate['requests'] ?? 0
    const before = await countAll()
    const asked = Array.from({ length: 20 }, () => router.send(url))
    await slow.reached
    await until(async () => (await countAll()) >= before + 20)
    slow.open()
    const got = await Promise.all(asked)
    expect(new Set(got.map(({ text }) => text))).toEqual(new Set(['page 1 of /']))
    expect(got.map(fateOf).toSorted().slice(0, 2)).toEqual([
      'fwd=uri-miss; collapsed',
      'fwd=uri-miss; collapsed',
    ])
    expect(origin.requests.length).toBe(1)
  })

  const left = gate(pages())
  const leaving = lane({ origin: http(left.reply) }, { cache: {} })
  const witness = lane({ origin: raw(stall) })

  test('are answered although the first of them goes away', async () => {
    const { origin, router, host, url } = leaving()
    const other = witness()
    const clients = [host, other.host].map(async (name) => {
      const client = await connectRaw(router.url)
      client.write(`GET / HTTP/1.1\r\nHost: ${name}\r\n\r\n`)
      return client
    })
    await Promise.all([left.reached, until(() => other.origin.openSockets === 1)])
    const second = router.send(url)
    for (const client of await Promise.all(clients)) client.reset()
    // What is fetched for one client alone has ended with it.
    await until(() => other.origin.openSockets === 0)
    left.open()
    expect((await second).text).toBe('page 1 of /')
    expect(fateOf(await router.send(url))).toBe(HIT)
    expect(origin.requests.map(({ aborted }) => aborted)).toEqual([false])
  })

  const stuck = gate(pages())
  const patient = lane(
    { origin: http(inTurn(stuck.reply, pages())) },
    { cache: { waitForLeader: '300ms' } },
  )

  test('do not wait longer than their route lets them', async () => {
    const { origin, router, url } = patient()
    const first = router.send(url)
    await stuck.reached
    const got = await router.send(url)
    expect([got.status, fateOf(got)]).toEqual([200, STORED])
    stuck.open()
    await first
    expect(origin.requests.length).toBe(2)
  })

  const secret = gate(pages({ control: 'private' }))
  const personal = lane(
    { origin: http(inTurn(secret.reply, pages({ control: 'private' }))) },
    // Who waited so long would be seen.
    { cache: { waitForLeader: '1m' } },
  )

  test('each get their own where it is not for all, and later ones do not wait at all', async () => {
    const { origin, router, url } = personal()
    const first = router.send(url)
    await secret.reached
    const second = router.send(url)
    secret.open()
    const got = [await first, await second, await router.send(url)]
    expect(got.map(fateOf)).toEqual([
      'fwd=uri-miss; fwd-status=200; detail=private',
      'fwd=uri-miss; fwd-status=200; detail=private',
      'fwd=uri-miss; fwd-status=200; detail=private',
    ])
    expect(origin.requests.length).toBe(3)
  })

  const held = gate(pages())
  const known = lane(
    { origin: http(inTurn(pages(), held.reply)) },
    { cache: { waitForLeader: '1m' } },
  )

  test('do not wait for one another where what they carry keeps their answers from being shared', async () => {
    const { origin, router, url } = known()
    const ask = () => router.send(url, { headers: [['Cookie', 'session=1']] })
    expect(fateOf(await ask())).toBe('fwd=uri-miss; fwd-status=200; detail=cookie')
    const both = [ask(), ask()]
    await until(() => origin.requests.length === 3)
    held.open()
    expect((await Promise.all(both)).map(fateOf)).toEqual([
      'fwd=uri-miss; fwd-status=200; detail=cookie',
      'fwd=uri-miss; fwd-status=200; detail=cookie',
    ])
    expect(fateOf(await router.send(url))).toBe(STORED)
  })

  const member = inTurn(saying('max-age=1'), saying('private'), saying('max-age=60'))
  const site = lane({ origin: http(member) }, { cache: { stale: { ifError: '1h' } } })

  test('are not parted by what a member of the site got for himself', async () => {
    const { router, url } = site()
    expect(fateOf(await router.send(url))).toBe(STORED)
    await until(async () => {
      const headers: [string, string][] = [['Cookie', 'session=1']]
      return /private/.test(fateOf(await router.send(url, { headers })))
    })
    expect(fateOf(await router.send(url))).toBe('fwd=stale; fwd-status=200; stored')
  })
})

describe('what must not be kept', () => {
  const own = lane({ origin: http(pages({ control: 'private' })) }, { cache: {} })

  test('is asked for as the client asks, once that is known', async () => {
    const { origin, router, url } = own()
    await router.send(url)
    const same = await router.send(url, { headers: [['If-None-Match', '"1"']] })
    expect([same.status, fateOf(same)]).toEqual([
      304,
      'fwd=uri-miss; fwd-status=304; detail=status',
    ])
    await router.send(url, { method: 'HEAD' })
    expect(origin.requests.map(({ method }) => method)).toEqual(['GET', 'GET', 'HEAD'])
  })

  const cut = lane(
    {
      origin: raw(
        replyRawAndClose(
          'HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 100\r\n\r\nonly this',
        ),
      ),
    },
    { cache: {} },
  )

  test('is an answer that breaks off', async () => {
    const { router, url } = cut()
    const got = [await router.send(url), await router.send(url)]
    expect(got.map(({ complete }) => complete)).toEqual([false, false])
    expect(got.map(fateOf)).toEqual([STORED, STORED])
  })

  const huge = lane({ origin: http(pages({ bytes: 5000 })) }, { cache: { maxObjectBytes: 4000 } })

  test('is what is too large; parts of it are asked for as parts', async () => {
    const { origin, router, url } = huge()
    const got = await router.send(url)
    expect([got.text.length, fateOf(got)]).toEqual([
      5000,
      'fwd=uri-miss; fwd-status=200; detail=too-large',
    ])
    await router.send(url, { headers: [['Range', 'bytes=0-9']] })
    const last = origin.requests.at(-1)
    expect(last && header(last, 'range')).toBe('bytes=0-9')
  })
})
