import { describe, expect, test } from 'vitest'
import { header, headerValues } from '../support/client.ts'
import { http, shareLanes } from '../support/lane.ts'
import { fateOf, pages } from '../support/page.ts'
import { gate, inTurn, reply } from '../support/reply.ts'
import { until } from '../support/until.ts'

const lane = shareLanes()

const STORED = 'fwd=uri-miss; fwd-status=200; stored'
const HIT = 'hit; ttl'

describe('what is not fresh any more', () => {
  const headers = [['Vary', 'Accept-Language']] as const
  const german = pages({ control: 'max-age=1, stale-while-revalidate=60', headers })
  const anew = gate(pages({ headers }))
  const old = lane({ origin: http(inTurn(german, anew.reply)) }, { cache: {} })

  test('is given out while one request asks for it anew, in the language of its variant', async () => {
    const { origin, router, url } = old()
    const ask = () => router.send(url, { headers: [['Accept-Language', 'de']] })
    await ask()
    const stale = 'hit; ttl; detail=while-revalidate'
    await until(async () => fateOf(await ask()) === stale)
    const meanwhile = await Promise.all([ask(), ask(), ask()])
    expect(meanwhile.map(fateOf)).toEqual([stale, stale, stale])
    anew.open()
    await until(async () => fateOf(await ask()) === HIT)
    const asked = origin.requests.map((request) => {
      return [header(request, 'accept-language'), header(request, 'if-none-match')]
    })
    expect(asked).toEqual([
      ['de', undefined],
      ['de', '"1"'],
    ])
  })

  const failing = lane(
    {
      origin: http(
        inTurn(
          pages({ control: 'max-age=0, stale-if-error=60' }),
          reply({ status: 500, body: 'no' }),
        ),
      ),
    },
    { cache: {}, retry: { attempts: 1 } },
  )

  test('is better than an error, and says so', async () => {
    const { router, url } = failing()
    await router.send(url)
    const got = await router.send(url)
    expect([got.status, got.text]).toEqual([200, 'page 1 of /'])
    expect(fateOf(got)).toBe('fwd=stale; fwd-status=500; detail=if-error')
  })

  const dying = lane(
    { origin: http(pages({ control: 'max-age=0' })) },
    { cache: { stale: { whileOut: '1h' } }, retry: { attempts: 1 } },
  )

  test('is given out while every origin is out', async () => {
    const { origin, router, url } = dying()
    await router.send(url)
    await origin.kill()
    for (let at = 0; at < 8; at += 1) {
      const got = await router.send(url)
      expect([got.status, got.text]).toEqual([200, 'page 1 of /'])
      // Once found out, a route counts as on its way back in between.
      expect(fateOf(got)).toMatch(/detail=while-(out|recovering)$/)
    }
  })

  const silence = gate(pages())
  const silent = lane(
    { origin: http(inTurn(pages({ control: 'max-age=1' }), silence.reply)) },
    { cache: {}, retry: { attempts: 1 } },
  )

  test('makes up for an origin that says nothing for five seconds, and at once for who comes later', async () => {
    const { origin, router, url } = silent()
    const ask = () => router.send(url)
    await ask()
    let leading = ask()
    const isAtOrigin = silence.reached.then(() => true)
    while (!(await Promise.race([leading.then(() => false), isAtOrigin]))) leading = ask()
    const late = await Promise.all([leading, ask()])
    expect(late.map(fateOf)).toEqual(['hit; ttl; detail=while-out', 'hit; ttl; detail=while-out'])
    const at = Date.now()
    expect(fateOf(await ask())).toBe('hit; ttl; detail=while-out')
    // It would be five seconds again.
    expect(Date.now() - at).toBeLessThan(4000)
    expect(origin.requests.length).toBe(2)
    // What it says at last is kept, though its client has left.
    silence.open()
    await until(async () => fateOf(await ask()) === HIT)
  })

  const taken = lane(
    {
      origin: http(
        inTurn(
          pages({ control: 'max-age=0, stale-if-error=60' }),
          pages({ control: 'private' }),
          reply({ status: 500, body: 'no' }),
        ),
      ),
    },
    { cache: {}, retry: { attempts: 1 } },
  )

  test('is given out no more once its origin has taken it back', async () => {
    const { router, url } = taken()
    const got = [await router.send(url), await router.send(url), await router.send(url)]
    expect(got.map(fateOf)).toEqual([
      STORED,
      'fwd=stale; fwd-status=304; detail=private',
      'fwd=uri-miss; fwd-status=500; detail=status',
    ])
    expect(got.map(({ status }) => status)).toEqual([200, 200, 500])
  })

  const asked = lane({ origin: http(pages({ control: 'no-cache' })) }, { cache: {} })

  test('is asked about, and given out again where it still holds', async () => {
    const { origin, router, url } = asked()
    const got = [await router.send(url), await router.send(url)]
    expect(got.map(fateOf)).toEqual([STORED, 'fwd=stale; fwd-status=304; stored'])
    expect(got.map(({ text }) => text)).toEqual(['page 1 of /', 'page 1 of /'])
    expect(origin.requests.length).toBe(2)
  })

  const only = lane({ origin: http(pages()) }, { cache: {} })

  test('and what is not there is not fetched for who wants nothing else', async () => {
    const { origin, router, url } = only()
    const got = await router.send(url, { headers: [['Cache-Control', 'only-if-cached']] })
    expect([got.status, fateOf(got)]).toEqual([504, 'none'])
    expect(origin.requests.length).toBe(0)
  })
})

describe('beside what else a route has', () => {
  const placed = lane(
    { origin: http(pages({ bytes: 300_000 })) },
    { cache: {}, concurrency: { perAddress: 5 } },
  )

  test('a large answer gives its place back when it has gone', async () => {
    const { router, url } = placed()
    const got = [await router.send(url), await router.send(url)]
    expect(got.map(({ text, complete }) => [text.length, complete])).toEqual([
      [300_000, true],
      [300_000, true],
    ])
    expect(got.map(fateOf)).toEqual([STORED, HIT])
  })

  const counted = lane(
    { origin: http(pages()) },
    { cache: {}, rateLimits: { all: { windows: ['2/1h'] } } },
  )

  test('what is kept counts as any request', async () => {
    const { router, url } = counted()
    const got = [await router.send(url), await router.send(url), await router.send(url)]
    expect(got.map(({ status }) => status)).toEqual([200, 200, 429])
  })

  const bound = lane({ origin: http(pages()) }, { cache: {}, affinity: { type: 'cookie' } })

  test('what is kept binds nobody, and is kept for those who are bound', async () => {
    const { origin, router, url } = bound()
    const missed = await router.send(url)
    const [cookie = ''] = headerValues(missed, 'set-cookie').map((text) => text.split(';')[0] ?? '')
    expect([fateOf(missed), header(missed, 'cache-control')]).toEqual([
      STORED,
      'max-age=60, private',
    ])
    const hit = await router.send(url)
    expect([fateOf(hit), header(hit, 'set-cookie'), header(hit, 'cache-control')]).toEqual([
      HIT,
      undefined,
      'max-age=60',
    ])
    const known = await router.send(`${url}other`, { headers: [['Cookie', cookie]] })
    expect(fateOf(known)).toBe(STORED)
    expect(origin.requests.map(({ headers }) => header({ headers }, 'cookie'))).toEqual([
      undefined,
      undefined,
    ])
  })

  const copied = lane({ origin: http(pages()) }, { cache: {}, retry: { attempts: 2 } })

  test('what fails and is tried again is kept from the attempt that did not', async () => {
    const { origin, router, url } = copied()
    origin.answer(inTurn(reply({ status: 503, body: 'busy' }), pages()))
    const got = [await router.send(url), await router.send(url)]
    expect(got.map(fateOf)).toEqual([STORED, HIT])
    expect(origin.requests.length).toBe(2)
  })
})
