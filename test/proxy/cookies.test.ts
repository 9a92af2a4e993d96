import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findCookies, toSetCookie, withoutCookie } from '../../src/proxy/affinity/cookies.ts'
import { PROPERTY_SEED } from '../support/property-seed.ts'

const NAME = 'lb'

describe('a cookie in a header', () => {
  it('is found wherever it stands, and nothing that only looks like it', () => {
    const cases: readonly (readonly [string, readonly string[]])[] = [
      ['', []],
      ['lb=1', ['1']],
      ['a=b; lb=1', ['1']],
      ['a=b;lb=1;c=d', ['1']],
      ['a=b;   lb=1  ; c=d', ['1']],
      ['lb=1; lb=2', ['1', '2']],
      ['a=b, lb=1, c=d', ['1']],
      ['lb=', ['']],
      ['lb=a=b=c', ['a=b=c']],
      ['xlb=1; lb2=1; lb', []],
      ['a=lb=1; b="lb=1"', []],
      ['a=b,lb=1', []],
      ['LB=1', []],
      ['lb=1;lb=2;lb=3;lb=4;lb=5', ['1', '2', '3', '4']],
    ]
    for (const [header, values] of cases) expect(findCookies(header, NAME)).toEqual(values)
  })

  it('is gone after it was taken out, and the others are as they were', () => {
    const cases: readonly (readonly [string, string])[] = [
      ['lb=1', ''],
      ['lb=1; lb=2', ''],
      ['a=b; lb=1', 'a=b'],
      ['lb=1; a=b', 'a=b'],
      ['a=b; lb=1; c=d', 'a=b; c=d'],
      ['a=b;lb=1;c=d', 'a=b;c=d'],
      ['a=b, lb=1, c=d', 'a=b, c=d'],
      ['a=b, lb=1', 'a=b'],
      ['a=b,; lb=1', 'a=b,'],
      ['xlb=1; lb2=lb=1', 'xlb=1; lb2=lb=1'],
      ['a=b; lb=1; lb=2; lb=3; lb=4; lb=5; lb=6; c=d', 'a=b; c=d'],
    ]
    for (const [header, rest] of cases) expect(withoutCookie(header, NAME)).toBe(rest)
  })

  it('is found as a reader of the whole header finds it', () => {
    const Name = fc.constantFrom('lb', 'xlb', 'lb2', 'a', 'l')
    const Value = fc.stringMatching(/^[\w.~=-]{0,12}$/)
    const Separator = fc.constantFrom(';', '; ', ';  ', ', ')
    fc.assert(
      fc.property(fc.array(fc.tuple(Name, Value, Separator), { maxLength: 4 }), (pairs) => {
        const last = pairs.length - 1
        const header = pairs
          .map(([name, value, separator], at) => `${name}=${value}${at < last ? separator : ''}`)
          .join('')
        const own = pairs.filter(([name]) => name === NAME).map(([, value]) => value)
        expect(findCookies(header, NAME)).toEqual(own)
        const rest = withoutCookie(header, NAME)
        expect(findCookies(rest, NAME)).toEqual([])
        const others = pairs
          .filter(([name]) => name !== NAME)
          .map(([name, value]) => `${name}=${value}`)
        expect(rest.split(/; *|, /).filter((each) => each !== '')).toEqual(others)
      }),
      { seed: PROPERTY_SEED },
    )
  })

  it('takes no time, whatever the header', async () => {
    const hostile = [
      'lb='.repeat(40_000),
      `${'x'.repeat(60_000)}lb=${' '.repeat(60_000)}`,
      `${' '.repeat(60_000)}lb=`.repeat(2),
      'lb=1;'.repeat(25_000),
      'lb=1, '.repeat(20_000),
    ]
    const startedMs = performance.now()
    for (const header of hostile) {
      expect(findCookies(header, NAME).length).toBeLessThanOrEqual(4)
      expect(findCookies(withoutCookie(header, NAME), NAME)).toEqual([])
    }
    // The clock of the runtime stands still until something is waited for.
    await scheduler.wait(1)
    expect(performance.now() - startedMs).toBeLessThan(1000)
  })
})

describe('a cookie that is set', () => {
  const cookie = { name: 'lb', value: 'v', maxAgeMs: 90_500 }
  const attributes = { sameSite: 'lax', secure: 'auto', httpOnly: true, path: '/' } as const

  it('is secure by the scheme of the request, unless told otherwise', () => {
    const line = 'lb=v; Path=/; Max-Age=90; SameSite=Lax'
    expect(toSetCookie(cookie, attributes, 'http')).toBe(`${line}; HttpOnly`)
    expect(toSetCookie(cookie, attributes, 'https')).toBe(`${line}; Secure; HttpOnly`)
    const always = { ...attributes, secure: 'always', httpOnly: false } as const
    expect(toSetCookie(cookie, always, 'http')).toBe(`${line}; Secure`)
    const never = { ...attributes, secure: 'never' } as const
    expect(toSetCookie(cookie, never, 'https')).toBe(`${line}; HttpOnly`)
  })

  it('says what the route says, and nothing that a browser would drop', () => {
    const wide = { ...attributes, domain: 'example.com', path: '/app', sameSite: 'none' } as const
    expect(toSetCookie(cookie, wide, 'https')).toBe(
      'lb=v; Path=/app; Max-Age=90; SameSite=None; Domain=example.com; Secure; HttpOnly',
    )
    expect(toSetCookie(cookie, wide, 'http')).toContain('SameSite=Lax')
    expect(toSetCookie({ ...cookie, maxAgeMs: 3 }, attributes, 'http')).toContain('Max-Age=1;')
  })
})
