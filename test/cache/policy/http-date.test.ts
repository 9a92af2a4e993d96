import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatHttpDate, parseHttpDate } from '../../../src/cache/policy/http-date.ts'
import { NOON, NOON_DATE } from './exchange.ts'

const EXAMPLE = 784_111_777_000

describe('dates', () => {
  it('are read in all three forms of RFC 9110 §5.6.7', () => {
    expect(parseHttpDate('Sun, 06 Nov 1994 08:49:37 GMT', NOON)).toBe(EXAMPLE)
    expect(parseHttpDate('Sunday, 06-Nov-94 08:49:37 GMT', NOON)).toBe(EXAMPLE)
    expect(parseHttpDate('Sun Nov  6 08:49:37 1994', NOON)).toBe(EXAMPLE)
  })

  it('are read without case', () => {
    expect(parseHttpDate('sUN, 06 nOV 1994 08:49:37 gmt', NOON)).toBe(EXAMPLE)
  })

  it.each([
    '0',
    '',
    '-1',
    '1794744000',
    'Sun, 06 Nov 1994 08:49:37 UTC',
    'Sun, 06 Nov 1994 08:49:37 EST',
    'Sun, 06 Nov 1994 08:49:37 +0000',
    'Sun, 06 Nov 1994 08:49:37',
    'Sun, 31 Feb 1994 08:49:37 GMT',
    'Sun, 00 Nov 1994 08:49:37 GMT',
    'Sun, 06 Foo 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 24:00:00 GMT',
    'Sun, 06 Nov 1994 08:60:00 GMT',
    'Sun, 06 Nov 1994 8:49:37 GMT',
    '1994-11-06T08:49:37Z',
  ])('are nothing where they are not of these forms: "%s"', (text) => {
    expect(parseHttpDate(text, NOON)).toBeUndefined()
  })

  it('take a year of two digits for the one that is at most 50 years ahead', () => {
    expect(parseHttpDate('Sunday, 15-Nov-76 12:00:00 GMT', NOON)).toBe(Date.UTC(2076, 10, 15, 12))
    expect(parseHttpDate('Sunday, 15-Nov-76 12:00:01 GMT', NOON)).toBe(
      Date.UTC(1976, 10, 15, 12, 0, 1),
    )
    expect(parseHttpDate('Sunday, 01-Jan-05 00:00:00 GMT', Date.UTC(2090, 0, 1))).toBe(
      Date.UTC(2105, 0, 1),
    )
  })

  it('are written in the preferred form, parts of a second cut', () => {
    expect(formatHttpDate(NOON)).toBe(NOON_DATE)
    expect(formatHttpDate(NOON + 999)).toBe(NOON_DATE)
  })

  it('are the same as those of the platform over all its years', () => {
    const seconds = fc.integer({
      min: Date.UTC(1, 0, 1) / 1000,
      max: Date.UTC(9999, 11, 31) / 1000,
    })
    fc.assert(
      fc.property(seconds, (second) => {
        const text = new Date(second * 1000).toUTCString()
        expect(formatHttpDate(second * 1000)).toBe(text)
        expect(parseHttpDate(text, NOON)).toBe(second * 1000)
      }),
      { numRuns: 500 },
    )
  })
})
