import { describe, expect, it } from 'vitest'
import { judgeReuse } from '../../../src/cache/policy/reuse.ts'
import type { Stored } from '../../../src/cache/policy/stored.ts'
import { isForOriginAlone, refresh, toConditional } from '../../../src/cache/policy/validation.ts'
import {
  exchangeOf,
  type Headers,
  NOON,
  NOON_DATE,
  rulesOf,
  storedOf,
  toFields,
  toRequest,
  toStored,
} from './exchange.ts'

const MODIFIED = 'Sun, 15 Nov 2026 11:00:00 GMT'
const LATER = NOON + 600_000
const LATER_DATE = 'Sun, 15 Nov 2026 12:10:00 GMT'
const FRESH = { 'cache-control': 'max-age=60' }
const OTHER = { type: 'other' }

const store = (headers: Headers) => storedOf({ headers: { ...FRESH, ...headers } })
const renew = (stored: Stored, headers: Headers, settings: unknown = {}) =>
  refresh(
    stored,
    exchangeOf({
      status: 304,
      headers: { date: LATER_DATE, ...headers },
      requestedAtMs: LATER,
      receivedAtMs: LATER,
    }),
    rulesOf(settings),
  )
const renewed = (stored: Stored, headers: Headers) => {
  const result = renew(stored, headers)
  if (result.type !== 'refreshed') throw new Error(result.type)
  return result.head
}

describe('a request that validates', () => {
  it('names the entity tag and the date of what is stored', () => {
    expect(toConditional(store({ etag: 'W/"a"', 'last-modified': MODIFIED }))).toEqual([
      ['if-none-match', 'W/"a"'],
      ['if-modified-since', MODIFIED],
    ])
    expect(toConditional(store({ 'last-modified': MODIFIED }))).toEqual([
      ['if-modified-since', MODIFIED],
    ])
    expect(toConditional(store({}))).toEqual([])
    expect(toConditional({ ...store({ etag: '"a"' }), status: 404 })).toEqual([])
    expect(toConditional(store({ etag: 'broken' }))).toEqual([])
  })

  it('is the origin’s alone under If-Match and If-Unmodified-Since', () => {
    expect(isForOriginAlone(toRequest({ 'if-match': '"a"' }))).toBe(true)
    expect(isForOriginAlone(toRequest({ 'if-unmodified-since': MODIFIED }))).toBe(true)
    expect(isForOriginAlone(toRequest({ 'if-none-match': '"a"', range: 'bytes=0-1' }))).toBe(false)
  })
})

describe('a 304', () => {
  it('makes what is stored as fresh as if it came now', () => {
    const stored = store({ etag: '"a"', age: '50' })
    const head = renewed(stored, { etag: '"a"' })
    expect(head).toMatchObject({
      status: 200,
      receivedAtMs: LATER,
      initialAgeMs: 0,
      freshMs: 60_000,
    })
    const moment = {
      nowMs: LATER + 59_999,
      respectNoCache: false,
      situation: 'well',
      purge: 'none',
    } as const
    expect(judgeReuse(toStored(head), toRequest(), moment)).toEqual({ type: 'fresh' })
  })

  it('brings fields that replace those of their names, all lines of them, and leaves the others', () => {
    const stored = store({
      etag: '"a"',
      'x-kept': ['1', '2'],
      'x-new': ['a', 'b'],
      'content-type': 'text/plain',
    })
    const head = renewed(stored, {
      etag: '"a"',
      'x-new': ['c', 'd'],
      'content-type': 'text/html',
      'x-more': 'm',
    })
    expect(head.fields).toEqual(
      toFields({
        ...FRESH,
        'x-kept': ['1', '2'],
        date: LATER_DATE,
        etag: '"a"',
        'x-new': ['c', 'd'],
        'content-type': 'text/html',
        'x-more': 'm',
      }),
    )
  })

  it('brings none of the fields that are about bytes it does not bring, of its connection, or of its age', () => {
    const about = { 'content-length': '1000', 'content-encoding': 'gzip', vary: 'accept-encoding' }
    const stored = store({ etag: '"a"', ...about })
    const head = renewed(stored, {
      etag: '"a"',
      'content-length': '0',
      'content-encoding': 'br',
      'content-range': 'bytes 0-1/2',
      'transfer-encoding': 'chunked',
      connection: 'x-hop',
      'x-hop': '1',
      age: '7',
    })
    expect(head.fields).toEqual(
      toFields({
        ...FRESH,
        'content-length': '1000',
        'content-encoding': 'gzip',
        date: LATER_DATE,
        etag: '"a"',
        vary: 'accept-encoding',
      }),
    )
    expect(head.initialAgeMs).toBe(7000)
  })

  it('without Date is of the moment it came', () => {
    const head = renewed(store({ etag: '"a"' }), { etag: '"a"', date: [] })
    expect(head.initialAgeMs).toBe(0)
    expect(head.fields).toContainEqual(['date', LATER_DATE])
  })

  it('gives a new lifetime, new windows and new rules', () => {
    const control = 'max-age=5, stale-if-error=9, private="x-user"'
    const head = renewed(store({ etag: '"a"', 'x-user': 'u' }), {
      etag: '"a"',
      'cache-control': control,
    })
    expect(head).toMatchObject({ freshMs: 5000, staleIfErrorMs: 9000 })
    expect(head.fields.map(([name]) => name)).not.toContain('x-user')
  })

  it('adds to the headers that an answer varies by, and takes none away', () => {
    const head = renewed(store({ etag: '"a"', vary: 'accept' }), { etag: '"a"', vary: 'origin' })
    expect(head.vary).toEqual(['accept', 'origin'])
    expect(renewed(store({ etag: '"a"', vary: 'accept' }), { etag: '"a"' }).vary).toEqual([
      'accept',
    ])
  })

  it('that forbids to keep it holds for the one client that asked', () => {
    const stored = store({ etag: '"a"', 'x-kept': '1' })
    const { type, ...rest } = renew(stored, { etag: '"a"', 'cache-control': 'no-store' })
    expect(type).toBe('spent')
    expect(rest).toEqual({
      why: 'no-store',
      fields: toFields({
        'x-kept': '1',
        date: LATER_DATE,
        etag: '"a"',
        'cache-control': 'no-store',
      }),
    })
    expect(renew(stored, { etag: '"a"', 'set-cookie': 'a=1' })).toMatchObject({
      type: 'spent',
      why: 'set-cookie',
    })
    expect(renew(stored, { etag: '"a"', vary: '*' })).toMatchObject({ type: 'spent', why: 'vary' })
  })

  it('with Set-Cookie leaves it out of what is stored where the route strips it', () => {
    const result = renew(
      store({ etag: '"a"' }),
      { etag: '"a"', 'set-cookie': 'a=1' },
      { setCookie: 'strip' },
    )
    if (result.type !== 'refreshed') throw new Error(result.type)
    expect(result.head.fields.map(([name]) => name)).not.toContain('set-cookie')
  })

  it('is of another answer where a strong validator differs', () => {
    expect(renew(store({ etag: '"a"' }), { etag: '"b"' })).toEqual(OTHER)
    expect(renew(store({ 'last-modified': MODIFIED }), { etag: '"b"' })).toEqual(OTHER)
  })

  it('is of another answer where its weak validators differ', () => {
    expect(renew(store({ etag: 'W/"a"' }), { etag: 'W/"b"' })).toEqual(OTHER)
    expect(renew(store({ 'last-modified': MODIFIED }), { 'last-modified': NOON_DATE })).toEqual(
      OTHER,
    )
    expect(
      renew(store({ etag: '"a"', 'last-modified': MODIFIED }), { 'last-modified': NOON_DATE }),
    ).toEqual(OTHER)
  })

  it('is of what is stored where its weak validators are the same', () => {
    expect(renew(store({ etag: 'W/"a"' }), { etag: 'W/"a"' }).type).toBe('refreshed')
    expect(renew(store({ 'last-modified': MODIFIED }), { 'last-modified': MODIFIED }).type).toBe(
      'refreshed',
    )
    expect(
      renew(store({ 'last-modified': MODIFIED }), { etag: 'W/"n"', 'last-modified': MODIFIED })
        .type,
    ).toBe('refreshed')
  })

  it('is of a stored answer whose tag was made weak on its way, and leaves it weak', () => {
    const head = renewed(store({ etag: 'W/"a"' }), { etag: '"a"' })
    expect(head.fields).toContainEqual(['etag', 'W/"a"'])
    expect(head.fields).not.toContainEqual(['etag', '"a"'])
  })

  it('without any validator is of the one answer that was asked about', () => {
    expect(renew(store({ etag: '"a"', 'last-modified': MODIFIED }), {}).type).toBe('refreshed')
  })

  it('is judged by the request that was sent', () => {
    const exchange = exchangeOf({
      status: 304,
      asked: { authorization: 'x' },
      headers: { etag: '"a"' },
    })
    expect(refresh(store({ etag: '"a"' }), exchange, rulesOf())).toMatchObject({
      type: 'spent',
      why: 'authorization',
    })
  })

  it('without a targeted field leaves the stored one in force', () => {
    const stored = storedOf({
      headers: { etag: '"a"', 'cdn-cache-control': 'max-age=600', 'cache-control': 'no-store' },
    })
    expect(renewed(stored, { etag: '"a"', 'cache-control': 'no-store' }).freshMs).toBe(600_000)
  })
})
