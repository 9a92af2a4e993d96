import { describe, expect, it } from 'vitest'
import { toNotModifiedFields } from '../../../src/cache/policy/conditional.ts'
import { toContentRange } from '../../../src/cache/policy/range.ts'
import { toShape } from '../../../src/cache/policy/shape.ts'
import type { CacheRequest } from '../../../src/cache/policy/message.ts'
import type { Stored } from '../../../src/cache/policy/stored.ts'
import { type Headers, NOON_DATE, storedOf, toFields, toRequest } from './exchange.ts'

const MODIFIED = 'Sun, 15 Nov 2026 11:00:00 GMT'
const store = (headers: Headers = {}, status = 200) =>
  storedOf({ status, headers: { 'cache-control': 'max-age=60', ...headers } })
const shape = (stored: Stored, asked: Readonly<Record<string, string>>, method = 'GET') =>
  toShape(stored, toRequest(asked, method))
const WHOLE = { type: 'whole' }
const NOT_MODIFIED = { type: 'not-modified' }
const part = (start: number, end: number) => ({ type: 'part', start, end, size: 1000 })

describe('If-None-Match', () => {
  const stored = store({ etag: 'W/"a,b"', 'last-modified': MODIFIED })

  it.each(['W/"a,b"', '"a,b"', '"x", W/"a,b"', '"x","a,b" , "y"', '*', ' * '])(
    'with %s gets 304',
    (tags) => {
      expect(shape(stored, { 'if-none-match': tags })).toEqual(NOT_MODIFIED)
      expect(shape(stored, { 'if-none-match': tags }, 'HEAD')).toEqual(NOT_MODIFIED)
    },
  )

  it.each(['"a"', '"b"', 'a,b', '"A,B"', '', '"x"', '"', '"*"', 'w/"x"'])(
    'with %s gets the whole',
    (tags) => {
      expect(shape(stored, { 'if-none-match': tags })).toEqual(WHOLE)
    },
  )

  it('stands before If-Modified-Since', () => {
    expect(shape(stored, { 'if-none-match': '"x"', 'if-modified-since': NOON_DATE })).toEqual(WHOLE)
  })

  it('gets the whole where nothing was tagged, or where it is an error', () => {
    expect(shape(store(), { 'if-none-match': '"a"' })).toEqual(WHOLE)
    expect(shape(store({ etag: '"a"' }, 404), { 'if-none-match': '"a"' })).toEqual(WHOLE)
    expect(shape(store({ etag: 'a' }), { 'if-none-match': 'a' })).toEqual(WHOLE)
  })
})

describe('If-Modified-Since', () => {
  it('gets 304 where Last-Modified is not later', () => {
    const stored = store({ 'last-modified': MODIFIED })
    expect(shape(stored, { 'if-modified-since': MODIFIED })).toEqual(NOT_MODIFIED)
    expect(shape(stored, { 'if-modified-since': 'Sun Nov 15 11:00:01 2026' })).toEqual(NOT_MODIFIED)
    expect(shape(stored, { 'if-modified-since': 'Sun, 15 Nov 2026 10:59:59 GMT' })).toEqual(WHOLE)
  })

  it('is measured by Date where there is no Last-Modified, and by the receipt where there is neither', () => {
    const before = { 'if-modified-since': 'Sun, 15 Nov 2026 11:59:59 GMT' }
    expect(shape(store(), { 'if-modified-since': NOON_DATE })).toEqual(NOT_MODIFIED)
    expect(shape(store(), before)).toEqual(WHOLE)
    const dateless = { ...store(), fields: [] }
    expect(shape(dateless, { 'if-modified-since': NOON_DATE })).toEqual(NOT_MODIFIED)
    expect(shape(dateless, before)).toEqual(WHOLE)
  })

  it('is no condition where it is no date, or the answer an error', () => {
    const stored = store({ 'last-modified': MODIFIED })
    expect(shape(stored, { 'if-modified-since': 'soon' })).toEqual(WHOLE)
    expect(shape(store({}, 404), { 'if-modified-since': NOON_DATE })).toEqual(WHOLE)
    expect(shape(store({ 'last-modified': 'x' }), { 'if-modified-since': NOON_DATE })).toEqual(
      WHOLE,
    )
  })
})

describe('a 304', () => {
  it('has what caches need, and nothing that describes a body', () => {
    const kept = {
      'cache-control': 'max-age=60',
      etag: '"a"',
      vary: 'accept',
      expires: 'x',
      'content-location': '/a',
      'x-y': '1',
    }
    const gone = {
      'content-type': 'text/html',
      'content-length': '5',
      'content-encoding': 'gzip',
      'content-language': 'de',
      'content-range': 'bytes 0-1/2',
      'last-modified': MODIFIED,
    }
    expect(toNotModifiedFields(toFields({ date: NOON_DATE, ...kept, ...gone }))).toEqual(
      toFields({ date: NOON_DATE, ...kept }),
    )
  })

  it('has Last-Modified where there is no entity tag', () => {
    const fields = toFields({ 'last-modified': MODIFIED })
    expect(toNotModifiedFields(fields)).toEqual(fields)
  })
})

describe('a range', () => {
  const stored = store({ etag: '"a"', 'last-modified': MODIFIED })
  const gets = (range: string, asked: Readonly<Record<string, string>> = {}) =>
    shape(stored, { range, ...asked })

  it('of bytes is cut from the whole', () => {
    expect(gets('bytes=0-0')).toEqual(part(0, 0))
    expect(gets('bytes=10-19')).toEqual(part(10, 19))
    expect(gets('Bytes=990-')).toEqual(part(990, 999))
    expect(gets('bytes=990-99999')).toEqual(part(990, 999))
    expect(gets('bytes=-10')).toEqual(part(990, 999))
    expect(gets('bytes=-5000')).toEqual(part(0, 999))
    expect(gets(' bytes= 5-6 ')).toEqual(part(5, 6))
  })

  it('that begins behind the end is answered with 416', () => {
    expect(gets('bytes=1000-')).toEqual({ type: 'unsatisfiable', size: 1000 })
    expect(gets('bytes=99999-100000')).toEqual({ type: 'unsatisfiable', size: 1000 })
    expect(gets('bytes=-0')).toEqual({ type: 'unsatisfiable', size: 1000 })
    expect(shape({ ...stored, bodyBytes: 0 }, { range: 'bytes=0-' })).toEqual({
      type: 'unsatisfiable',
      size: 0,
    })
  })

  it.each([
    'bytes=0-1,5-6',
    'bytes=',
    'bytes=-',
    'bytes=5-4',
    'items=0-1',
    'bytes 0-1',
    'bytes=a-b',
    'bytes=1',
    '',
    `bytes=${'9'.repeat(400)}-5`,
  ])('that is several, of another unit or broken gets the whole: "%s"', (range) => {
    expect(gets(range)).toEqual(WHOLE)
  })

  it('is looked at for GET, for 200 and for a body of known length alone', () => {
    expect(shape(stored, { range: 'bytes=0-1' }, 'HEAD')).toEqual(WHOLE)
    expect(shape(store({}, 404), { range: 'bytes=0-1' })).toEqual(WHOLE)
    expect(shape({ ...stored, bodyBytes: undefined }, { range: 'bytes=0-1' })).toEqual(WHOLE)
  })

  it('is cut under If-Range only from the very same representation', () => {
    expect(gets('bytes=0-1', { 'if-range': '"a"' })).toEqual(part(0, 1))
    expect(gets('bytes=0-1', { 'if-range': MODIFIED })).toEqual(part(0, 1))
    for (const condition of [
      '"b"',
      'W/"a"',
      '"a", "b"',
      '',
      'soon',
      NOON_DATE,
      'Sun, 15 Nov 2026 10:00:00 GMT',
    ]) {
      expect(gets('bytes=0-1', { 'if-range': condition })).toEqual(WHOLE)
    }
  })

  it('is not cut under If-Range by a weak tag, or by a date that may be of two representations', () => {
    const weak = store({ etag: 'W/"a"' })
    expect(shape(weak, { range: 'bytes=0-1', 'if-range': 'W/"a"' })).toEqual(WHOLE)
    const young = store({ 'last-modified': NOON_DATE })
    expect(shape(young, { range: 'bytes=0-1', 'if-range': NOON_DATE })).toEqual(WHOLE)
    const second = 'Sun, 15 Nov 2026 11:59:59 GMT'
    const older = store({ 'last-modified': second })
    expect(shape(older, { range: 'bytes=0-1', 'if-range': second })).toEqual(part(0, 1))
  })

  it('is looked at after the conditions', () => {
    expect(gets('bytes=0-1', { 'if-none-match': '"a"' })).toEqual(NOT_MODIFIED)
  })

  it('is told in Content-Range', () => {
    expect(toContentRange({ type: 'part', start: 5, end: 9, size: 100 })).toBe('bytes 5-9/100')
    expect(toContentRange({ type: 'unsatisfiable', size: 100 })).toBe('bytes */100')
  })
})

describe('a plain request', () => {
  it('is looked at for three headers and no others', () => {
    const read: string[] = []
    const request: CacheRequest = { method: 'GET', header: (name) => void read.push(name) }
    expect(toShape(store({ etag: '"a"' }), request)).toEqual(WHOLE)
    expect(read).toEqual(['if-none-match', 'if-modified-since', 'range'])
  })

  it('never gets 304 by If-Match or If-Unmodified-Since, which are no matter of a cache', () => {
    const asked = { 'if-match': '"x"', 'if-unmodified-since': 'Sun, 15 Nov 2020 10:00:00 GMT' }
    expect(shape(store({ etag: '"a"', 'last-modified': MODIFIED }), asked)).toEqual(WHOLE)
  })
})
