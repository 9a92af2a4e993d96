import { describe, expect, it } from 'vitest'
import { saidOf } from '../../../src/cache/policy/targeted.ts'
import { type Headers, NOON_DATE, storedOf, toFields, whyNot } from './exchange.ts'

const read = (headers: Headers) => saidOf(toFields(headers))

describe('targeted fields', () => {
  it('win over Cache-Control and Expires, and are fresh by their own time', () => {
    const headers = {
      'cdn-cache-control': 'max-age=600',
      'cache-control': 'no-store',
      expires: '0',
    }
    expect(storedOf({ headers }).freshMs).toBe(600_000)
  })

  it('win over one another in the order of the target list', () => {
    const cdn = { 'cdn-cache-control': 'max-age=600' }
    expect(storedOf({ headers: { ...cdn, 'portolan-cache-control': 'max-age=60' } }).freshMs).toBe(
      60_000,
    )
    expect(whyNot({ headers: { ...cdn, 'portolan-cache-control': 'no-store' } })).toBe('no-store')
  })

  it('leave Expires unheard also where they name no time', () => {
    const headers = { 'cdn-cache-control': 'none', expires: 'Sun, 15 Nov 2026 13:00:00 GMT' }
    expect(whyNot({ headers })).toBe('no-lifetime')
    expect(storedOf({ headers }, { ttl: { default: '5s' } }).freshMs).toBe(5000)
  })

  it.each([
    '',
    ' ',
    'max-age=',
    'max-age=60,',
    'max-age=60;;',
    'Max-Age=60',
    'max-age="60',
    '60',
    '"max-age=60"',
  ])('that are empty or cannot be parsed count as missing: "%s"', (value) => {
    const headers = { 'cdn-cache-control': value, 'cache-control': 'max-age=10' }
    expect(read(headers)).toMatchObject({ isTargeted: false, directives: { maxAgeMs: 10_000 } })
  })

  it('fall back to the next one that can be read', () => {
    const headers = { 'portolan-cache-control': 'x=', 'cdn-cache-control': 'max-age=60' }
    expect(read(headers).directives.maxAgeMs).toBe(60_000)
  })

  it.each([
    'max-age="60"',
    'max-age=1.5',
    'max-age=sixty',
    'max-age=-1',
    'max-age',
    'max-age=(60)',
    'max-age=:AAA=:',
  ])('do not coerce a time of another type: %s', (value) => {
    expect(read({ 'cdn-cache-control': value })).toMatchObject({
      isTargeted: true,
      directives: { maxAgeMs: 0 },
    })
  })

  it('do not take a value of another type for a list of fields', () => {
    const { directives } = read({ 'cdn-cache-control': 'max-age=60, private=5, no-cache=x-user' })
    expect(directives).toMatchObject({ isPrivate: true, noCache: true, withheld: [] })
  })

  it('know all directives of an answer, over several lines, and what is not so by "?0"', () => {
    const headers = {
      'cdn-cache-control': [
        'max-age=60, must-revalidate, private="x-user"',
        'stale-while-revalidate=5, stale-if-error=6, public=?0, immutable',
      ],
    }
    expect(read(headers).directives).toMatchObject({
      maxAgeMs: 60_000,
      mustRevalidate: true,
      isPrivate: false,
      withheld: ['x-user'],
      staleWhileRevalidateMs: 5000,
      staleIfErrorMs: 6000,
      isPublic: false,
    })
  })

  it('ignore parameters of directives, and directives that nobody knows', () => {
    expect(
      read({ 'cdn-cache-control': 'max-age=60;why="news", other=5' }).directives.maxAgeMs,
    ).toBe(60_000)
  })

  it('that are meant for others change nothing and are passed on', () => {
    const headers = {
      'surrogate-control': 'max-age=9',
      'other-cache-control': 'no-store',
      'cache-control': 'max-age=60',
    }
    const stored = storedOf({ headers })
    expect(stored.freshMs).toBe(60_000)
    expect(stored.fields).toEqual(toFields({ date: NOON_DATE, ...headers }))
  })

  it('stay in what is stored, so that a 304 need not repeat them', () => {
    const headers = { 'cdn-cache-control': 'max-age=600' }
    expect(storedOf({ headers }).fields).toEqual(toFields({ date: NOON_DATE, ...headers }))
  })
})
