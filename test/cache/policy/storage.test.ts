import { describe, expect, it } from 'vitest'
import { judgeStorage } from '../../../src/cache/policy/storage.ts'
import {
  exchangeOf,
  type Headers,
  NOON,
  NOON_DATE,
  rulesOf,
  storedOf,
  toFields,
  whyNot,
} from './exchange.ts'

const MINUTE = 60_000
const HOUR = 3_600_000
const FRESH = { 'cache-control': 'max-age=60' }

const keepMs = (headers: Headers, settings: unknown = {}) => {
  const verdict = judgeStorage(exchangeOf({ headers }), rulesOf(settings))
  return verdict.store ? verdict.keepMs : verdict.why
}

describe('what is stored', () => {
  it('says by itself what it is of use for', () => {
    const headers = {
      'cache-control': 'max-age=60, stale-while-revalidate=30, stale-if-error=90',
      vary: 'Accept-Language, accept',
      age: '5',
    }
    expect(judgeStorage(exchangeOf({ headers, requestedAtMs: NOON - 1000 }), rulesOf())).toEqual({
      store: true,
      keepMs: MINUTE + 62 * MINUTE - 6000,
      head: {
        status: 200,
        fields: toFields({
          date: NOON_DATE,
          'cache-control': headers['cache-control'],
          vary: headers.vary,
        }),
        requestedAtMs: NOON - 1000,
        receivedAtMs: NOON,
        initialAgeMs: 6000,
        freshMs: MINUTE,
        staleWhileRevalidateMs: 30_000,
        staleIfErrorMs: 90_000,
        staleWhileOutMs: HOUR,
        staleWhileRecoveringMs: 2 * MINUTE,
        isValidatedAlways: false,
        isNeverStale: false,
        vary: ['accept', 'accept-language'],
      },
    })
  })

  it('keeps all fields, also unknown ones and those of several lines, in their order', () => {
    const headers = { 'x-new': ['1', '2'], ...FRESH, link: '</a>', 'cache-status': 'origin; hit' }
    expect(storedOf({ headers }).fields).toEqual(toFields({ date: NOON_DATE, ...headers }))
  })

  it('keeps nothing of one connection, one proxy, and no age', () => {
    const headers = {
      ...FRESH,
      connection: 'close, X-Hop',
      'x-hop': '1',
      'keep-alive': 'timeout=5',
      'proxy-connection': 'close',
      te: 'trailers',
      trailer: 'x-sum',
      'transfer-encoding': 'chunked',
      upgrade: 'h2c',
      'proxy-authenticate': 'Basic',
      'proxy-authentication-info': 'a',
      'proxy-authorization': 'b',
      age: '3',
      'cache-tag': 'a,b',
      'surrogate-key': 'a b',
    }
    expect(storedOf({ headers }).fields).toEqual(toFields({ date: NOON_DATE, ...FRESH }))
  })

  it('keeps no field that "private" or "no-cache" names', () => {
    const headers = {
      'cache-control': 'max-age=60, private="X-User", no-cache="X-Basket"',
      'x-user': 'u',
      'x-basket': 'b',
    }
    expect(storedOf({ headers })).toMatchObject({
      fields: toFields({ date: NOON_DATE, 'cache-control': headers['cache-control'] }),
      isValidatedAlways: false,
    })
  })

  it('gets the moment of its receipt as Date where it has none', () => {
    expect(storedOf({ headers: { ...FRESH, date: [] }, receivedAtMs: NOON + 1500 }).fields).toEqual(
      toFields({ ...FRESH, date: 'Sun, 15 Nov 2026 12:00:01 GMT' }),
    )
  })
})

describe('an answer is not stored', () => {
  it.each(['HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'QUERY', 'NEW'])('to %s', (method) => {
    expect(whyNot({ method, headers: FRESH })).toBe('method')
  })

  it('to a request that says "no-store"', () => {
    expect(whyNot({ asked: { 'cache-control': 'No-Store' }, headers: FRESH })).toBe(
      'request-no-store',
    )
    expect(whyNot({ asked: { 'cache-control': 'no-cache' }, headers: FRESH })).toBeUndefined()
  })

  it('that says "no-store" or "private", in either mode', () => {
    for (const settings of [{}, { mode: 'override', ttl: { default: '1m' } }]) {
      expect(whyNot({ headers: { 'cache-control': 'no-store, max-age=60' } }, settings)).toBe(
        'no-store',
      )
      expect(
        whyNot({ headers: { 'cache-control': 'public, private, max-age=60' } }, settings),
      ).toBe('private')
    }
  })

  it('that is a part, or tells of what is stored', () => {
    expect(whyNot({ status: 206, headers: { ...FRESH, 'content-range': 'bytes 0-1/2' } })).toBe(
      'partial',
    )
    expect(whyNot({ status: 304, headers: FRESH })).toBe('status')
  })

  it.each([
    'text/event-stream',
    'Text/Event-Stream; charset=utf-8',
    'multipart/x-mixed-replace; boundary=a',
  ])('that has no end of its own: %s', (type) => {
    const override = { mode: 'override', ttl: { default: '1m' } }
    expect(whyNot({ headers: { ...FRESH, 'content-type': type } })).toBe('stream')
    expect(whyNot({ headers: { 'content-type': type } }, override)).toBe('stream')
    expect(whyNot({ headers: { ...FRESH, 'content-type': `x-${type}` } })).toBeUndefined()
  })

  it.each([100, 101, 103, 412, 416, 428, 429, 431, 511])(
    'of status %i, with or without armor',
    (status) => {
      expect(whyNot({ status, headers: FRESH }, { armor: false })).toBe('status')
      expect(whyNot({ status, headers: FRESH })).toBe('status')
    },
  )

  it('that varies by everything, by what is no name, or by more than 16 headers', () => {
    const names = Array.from({ length: 17 }, (_, index) => `x-${index}`)
    for (const vary of ['*', 'accept, *', 'a b', names.join()]) {
      expect(whyNot({ headers: { ...FRESH, vary } })).toBe('vary')
    }
    expect(whyNot({ headers: { ...FRESH, vary: ['accept', '*'] } })).toBe('vary')
    expect(whyNot({ headers: { ...FRESH, vary: names.slice(1).join() } })).toBeUndefined()
  })

  it('that nobody gave a lifetime', () => {
    expect(whyNot({})).toBe('no-lifetime')
    expect(whyNot({ headers: { etag: '"a"', 'last-modified': NOON_DATE } })).toBe('no-lifetime')
    expect(whyNot({ headers: { 'cache-control': 'public' } })).toBe('no-lifetime')
    expect(whyNot({ status: 302, headers: { 'cache-control': 'no-cache', etag: '"a"' } })).toBe(
      'no-lifetime',
    )
  })

  it('that is of no use at all: over, without a window and without a validator', () => {
    expect(whyNot({ headers: { 'cache-control': 'max-age=0, must-revalidate' } })).toBe('expired')
    expect(whyNot({ headers: { 'cache-control': 's-maxage=60', age: '60' } })).toBe('expired')
    expect(whyNot({ headers: { 'cache-control': 's-maxage=60', age: '59' } })).toBeUndefined()
  })

  it('that the armor holds back, unless there is none', () => {
    const told = { path: '/account/x.css', headers: { ...FRESH, 'content-type': 'text/html' } }
    expect(whyNot(told)).toBe('content-type')
    expect(whyNot(told, { armor: false })).toBeUndefined()
  })
})

describe('an answer that may be about one client', () => {
  const withKey = { asked: { authorization: 'Bearer x' } }
  const withCookie = { asked: { cookie: 'id=1' } }

  it.each(['public', 'must-revalidate', 's-maxage=60'])(
    'is stored where it says "%s"',
    (directive) => {
      const headers = { 'cache-control': `max-age=60, ${directive}` }
      expect(whyNot({ ...withKey, headers })).toBeUndefined()
      const forCookies = directive === 'must-revalidate' ? 'cookie' : undefined
      expect(whyNot({ ...withCookie, headers })).toBe(forCookies)
    },
  )

  it('is not stored where one of its credentials is not allowed for', () => {
    const asked = { ...withKey.asked, ...withCookie.asked }
    const headers = { 'cache-control': 'max-age=60, must-revalidate' }
    expect(whyNot({ asked, headers })).toBe('cookie')
    expect(whyNot({ asked, headers: { 'cdn-cache-control': 'max-age=60' } })).toBe('authorization')
  })

  it('is not stored where it only gives itself a lifetime', () => {
    expect(whyNot({ ...withKey, headers: FRESH })).toBe('authorization')
    expect(whyNot({ ...withCookie, headers: FRESH })).toBe('cookie')
    expect(
      whyNot({ ...withKey, headers: { 'cache-control': 'max-age=60, proxy-revalidate' } }),
    ).toBe('authorization')
    expect(whyNot({ ...withKey }, { ttl: { default: '1m' } })).toBe('authorization')
  })

  it('is stored under a lifetime for caches like this one where only cookies came', () => {
    const headers = { 'cdn-cache-control': 'max-age=60' }
    expect(whyNot({ ...withCookie, headers })).toBeUndefined()
    expect(whyNot({ ...withKey, headers })).toBe('authorization')
    expect(
      whyNot(
        { ...withCookie, headers: { 'cdn-cache-control': 'none' } },
        { ttl: { default: '1m' } },
      ),
    ).toBe('cookie')
  })

  it('is about all who share its cookies where all of them are in the key', () => {
    const settings = { key: { cookies: ['lang', 'id'] } }
    expect(whyNot({ asked: { cookie: 'id=1; lang=de' }, headers: FRESH }, settings)).toBeUndefined()
    expect(whyNot({ asked: { cookie: 'id=1; sid=2' }, headers: FRESH }, settings)).toBe('cookie')
    expect(whyNot({ asked: { cookie: 'id=1, sid=2' }, headers: FRESH }, settings)).toBe('cookie')
    expect(
      whyNot({ ...withCookie, headers: FRESH }, { key: { headers: ['cookie'] } }),
    ).toBeUndefined()
    expect(whyNot({ asked: { cookie: ' ; ' }, headers: FRESH })).toBeUndefined()
  })

  it('takes Authorization in the key for enough only under "override"', () => {
    const key = { headers: ['authorization'] }
    expect(whyNot({ ...withKey, headers: FRESH }, { key })).toBe('authorization')
    const override = { mode: 'override', ttl: { default: '1m' } }
    expect(whyNot({ ...withKey }, { ...override, key })).toBeUndefined()
    const open = { 'cache-control': 'public, s-maxage=60' }
    expect(whyNot({ ...withKey, headers: open }, override)).toBe('authorization')
    expect(whyNot({ ...withCookie, headers: open }, override)).toBe('cookie')
  })

  it('is not stored with Set-Cookie, unless the route says so, and then without it', () => {
    const headers = { 'cache-control': 'public, max-age=60', 'set-cookie': ['a=1', 'b=2'] }
    expect(whyNot({ headers })).toBe('set-cookie')
    expect(
      whyNot({ headers: { ...headers, 'cache-control': 'max-age=60, private="set-cookie"' } }),
    ).toBe('set-cookie')
    expect(storedOf({ headers }, { setCookie: 'strip' }).fields).toEqual(
      toFields({ date: NOON_DATE, 'cache-control': headers['cache-control'] }),
    )
  })
})

describe('"must-understand"', () => {
  it('stands above "no-store" for a status that this cache understands', () => {
    const headers = { 'cache-control': 'max-age=60, must-understand, no-store' }
    expect(whyNot({ headers })).toBeUndefined()
    expect(whyNot({ status: 404, headers })).toBeUndefined()
  })

  it('keeps out a status that it does not understand', () => {
    expect(
      whyNot({ status: 299, headers: { 'cache-control': 'max-age=60, must-understand' } }),
    ).toBe('status')
    expect(whyNot({ status: 299, headers: FRESH })).toBeUndefined()
    expect(whyNot({ status: 599, headers: FRESH })).toBeUndefined()
  })
})

describe('what may only be validated', () => {
  it('is stored where the origin says that it may be kept, and can be asked', () => {
    for (const directive of ['no-cache', 'public', 'max-age=0, must-revalidate']) {
      expect(storedOf({ headers: { 'cache-control': directive, etag: '"a"' } }).freshMs).toBe(0)
    }
    expect(
      storedOf({ headers: { 'cache-control': 'no-cache, max-age=60', etag: '"a"' } }),
    ).toMatchObject({
      isValidatedAlways: true,
      isNeverStale: true,
    })
  })

  it('is kept for an hour beyond its freshness', () => {
    expect(keepMs({ 'cache-control': 'no-cache', etag: '"a"' })).toBe(HOUR)
    expect(keepMs({ 'cache-control': 's-maxage=60', 'last-modified': NOON_DATE })).toBe(
      HOUR + MINUTE,
    )
    expect(keepMs({ 'cache-control': 's-maxage=60' })).toBe(MINUTE)
  })
})

describe('how long a tier keeps it', () => {
  it('is its freshness and the longest of its windows, less its age', () => {
    expect(keepMs({ 'cache-control': 'max-age=60', age: '10' })).toBe(MINUTE + 62 * MINUTE - 10_000)
    expect(keepMs({ 'cache-control': 'max-age=60, stale-while-revalidate=7200' })).toBe(
      MINUTE + 3 * HOUR,
    )
    expect(keepMs({ 'cache-control': 'max-age=60, stale-if-error=86400' })).toBe(MINUTE + 24 * HOUR)
  })

  it('is at most 30 days', () => {
    expect(keepMs({ 'cache-control': 'max-age=31536000' })).toBe(720 * HOUR)
    expect(keepMs({ 'cache-control': 'max-age=1, stale-if-error=31536000' })).toBe(720 * HOUR)
    expect(keepMs({ 'cache-control': 'max-age=31536000', age: '864000' })).toBe(720 * HOUR)
  })
})
