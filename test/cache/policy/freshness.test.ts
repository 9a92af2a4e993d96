import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ageOf, ageSecondsOf, initialAgeOf } from '../../../src/cache/policy/age.ts'
import { ttlOf } from '../../../src/cache/policy/freshness.ts'
import { exchangeOf, type Headers, NOON, rulesOf, storedOf, type Told, whyNot } from './exchange.ts'

const MINUTE = 60_000
const DAY = 86_400_000

const freshMs = (headers: Headers, settings: unknown = {}) =>
  storedOf({ headers }, settings).freshMs
const initialAge = (told: Told) => {
  const { response, timing } = exchangeOf(told)
  return initialAgeOf(response, timing)
}

describe('the freshness lifetime', () => {
  it('is that of s-maxage before max-age before Expires', () => {
    const expires = 'Sun, 15 Nov 2026 12:10:00 GMT'
    expect(freshMs({ 'cache-control': 'max-age=60, s-maxage=120', expires })).toBe(2 * MINUTE)
    expect(freshMs({ 'cache-control': 'max-age=60', expires })).toBe(MINUTE)
    expect(freshMs({ expires })).toBe(10 * MINUTE)
  })

  it('by Expires counts from Date, whatever the clock here says', () => {
    const date = 'Sun, 15 Nov 2026 09:00:00 GMT'
    expect(freshMs({ date, expires: 'Sun, 15 Nov 2026 18:00:00 GMT' })).toBe(9 * 60 * MINUTE)
  })

  it('by Expires counts from the moment of receipt where there is no Date, or none that can be read', () => {
    expect(freshMs({ date: 'now', expires: 'Sun, 15 Nov 2026 12:01:00 GMT' })).toBe(MINUTE)
    expect(freshMs({ date: [], expires: 'Sun, 15 Nov 2026 12:01:00 GMT' })).toBe(MINUTE)
  })

  it.each([
    '0',
    '-1',
    '',
    'soon',
    'Sun, 15 Nov 2026 12:01:00 UTC',
    'Sun, 15 Nov 2025 12:01:00 GMT',
  ])('is over where Expires is "%s"', (expires) => {
    expect(freshMs({ expires, etag: '"a"' })).toBe(0)
  })

  it('is over where two Expires differ', () => {
    const expires = ['Sun, 15 Nov 2026 12:10:00 GMT', 'Sun, 15 Nov 2026 12:20:00 GMT']
    expect(freshMs({ expires, etag: '"a"' })).toBe(0)
  })

  it('is that of the route only where the answer says none', () => {
    const ttl = { default: '5m' }
    expect(freshMs({}, { ttl })).toBe(5 * MINUTE)
    expect(freshMs({ 'cache-control': 'max-age=60' }, { ttl })).toBe(MINUTE)
    expect(freshMs({ expires: '0', etag: '"a"' }, { ttl })).toBe(0)
    expect(freshMs({ 'cache-control': 'max-age=x', etag: '"a"' }, { ttl })).toBe(0)
  })

  it('is nobody’s guess unless the route asks for it', () => {
    const headers = { 'last-modified': 'Thu, 05 Nov 2026 12:00:00 GMT' }
    expect(whyNot({ headers })).toBe('no-lifetime')
    const heuristic = { share: 0.1, most: '30d' }
    expect(freshMs(headers, { ttl: { heuristic } })).toBe(DAY)
    expect(freshMs(headers, { ttl: { heuristic: {} } })).toBe(DAY)
    expect(freshMs(headers, { ttl: { heuristic: { share: 1 } } })).toBe(DAY)
  })

  it('is not guessed where an explicit one is there, or the status does not allow it', () => {
    const modified = { 'last-modified': 'Thu, 05 Nov 2026 12:00:00 GMT' }
    const settings = { ttl: { heuristic: {} } }
    expect(freshMs({ ...modified, 'cache-control': 'max-age=0' }, settings)).toBe(0)
    expect(freshMs({ ...modified, expires: 'x' }, settings)).toBe(0)
    expect(whyNot({ status: 302, headers: modified }, settings)).toBe('no-lifetime')
    const open = { ...modified, 'cache-control': 'public' }
    expect(storedOf({ status: 302, headers: open }, settings).freshMs).toBe(DAY)
  })

  it('is never guessed from a date that lies ahead', () => {
    const headers = { 'last-modified': 'Sun, 15 Nov 2026 13:00:00 GMT' }
    expect(freshMs(headers, { ttl: { heuristic: {} } })).toBe(0)
  })

  it('is never longer than 30 days from now on', () => {
    expect(freshMs({ 'cache-control': 'max-age=31536000' })).toBe(30 * DAY)
    expect(freshMs({ 'cache-control': 'max-age=31536000', age: '86400' })).toBe(31 * DAY)
  })
})

describe('the "ttl" of a route', () => {
  const { ttl } = rulesOf({
    ttl: {
      default: '1m',
      negative: '2m',
      statuses: { '404': '3m', '4xx': '4m', '302': '5m', '200': '0s' },
    },
  })

  it('is that of the exact status before its class before negative ones before the default', () => {
    expect([404, 410, 451, 302, 200, 301].map((status) => ttlOf(ttl, status))).toEqual([
      3 * MINUTE,
      4 * MINUTE,
      4 * MINUTE,
      5 * MINUTE,
      0,
      MINUTE,
    ])
  })

  it('speaks of negative answers and of those that a default is for, and of no others', () => {
    const plain = rulesOf({ ttl: { default: '1m', negative: '2m' } }).ttl
    const said = (status: number) => ttlOf(plain, status)
    expect([200, 203, 204, 300, 301, 308].map(said)).toEqual(Array(6).fill(MINUTE))
    expect([404, 405, 410, 414, 421, 451, 501].map(said)).toEqual(Array(7).fill(2 * MINUTE))
    expect([201, 302, 307, 400, 401, 403, 500, 502, 503].map(said)).toEqual(
      Array(9).fill(undefined),
    )
    expect(ttlOf(rulesOf({ ttl: { default: '1m' } }).ttl, 410)).toBe(MINUTE)
    expect(ttlOf(rulesOf({ ttl: { default: '1m' } }).ttl, 404)).toBeUndefined()
  })

  it('of 0s keeps an answer out that says nothing itself', () => {
    expect(whyNot({}, { ttl: { default: '0s' } })).toBe('ttl-zero')
    expect(
      whyNot({ headers: { 'cache-control': 'max-age=9' } }, { ttl: { default: '0s' } }),
    ).toBeUndefined()
  })
})

describe('the age', () => {
  it('is what Age says and the time of the request', () => {
    expect(initialAge({ headers: { age: '100' }, requestedAtMs: NOON - 2000 })).toBe(102_000)
    expect(initialAge({})).toBe(0)
  })

  it('is at least the time since Date', () => {
    expect(initialAge({ headers: { date: 'Sun, 15 Nov 2026 11:59:00 GMT', age: '5' } })).toBe(
      MINUTE,
    )
  })

  it('is none the smaller for a clock of the origin that is ahead', () => {
    expect(initialAge({ headers: { date: 'Sun, 15 Nov 2026 13:00:00 GMT', age: '5' } })).toBe(5000)
    expect(initialAge({ headers: { date: 'Sun, 15 Nov 2026 13:00:00 GMT' } })).toBe(0)
  })

  it('is that of the first value of Age, and a broken one counts as missing', () => {
    expect(initialAge({ headers: { age: '7, 9' } })).toBe(7000)
    expect(initialAge({ headers: { age: ['7', '9'] } })).toBe(7000)
    for (const age of ['', '-5', '1.5', 'old', '0x10'])
      expect(initialAge({ headers: { age } })).toBe(0)
    expect(initialAge({ headers: { age: '9'.repeat(30) } })).toBe(2_147_483_648_000)
  })

  it('grows with the time since it came, and never falls where clocks differ', () => {
    const stored = { initialAgeMs: 1500, receivedAtMs: NOON }
    expect(ageOf(stored, NOON + 1000)).toBe(2500)
    expect(ageOf(stored, NOON - 1000)).toBe(1500)
    expect(ageSecondsOf(stored, NOON + 1000)).toBe(2)
    expect(ageSecondsOf({ initialAgeMs: 9e12, receivedAtMs: NOON }, NOON)).toBe(2_147_483_648)
  })

  it('is never negative, whatever an origin says and whichever clock is wrong', () => {
    const moment = fc.integer({ min: -1e9, max: 1e9 }).map((ms) => NOON + ms)
    const told = fc.record({
      headers: fc.record({ age: fc.string(), date: fc.string() }),
      requestedAtMs: moment,
      receivedAtMs: moment,
    })
    fc.assert(
      fc.property(told, moment, (exchange, nowMs) => {
        const { receivedAtMs } = exchange
        const initialAgeMs = initialAge(exchange)
        expect(initialAgeMs).toBeGreaterThanOrEqual(0)
        expect(ageSecondsOf({ initialAgeMs, receivedAtMs }, nowMs)).toBeGreaterThanOrEqual(0)
      }),
    )
  })
})
