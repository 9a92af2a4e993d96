import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  parseDirectives,
  parseRequestDirectives,
  toResponseDirectives,
} from '../../../src/cache/policy/cache-control.ts'

const readLines = (...lines: readonly string[]) => toResponseDirectives(parseDirectives(lines))

describe('directives of an answer', () => {
  it('are known by their names without case, with and without arguments', () => {
    expect(
      readLines(
        'PUBLIC, Max-Age=60, s-maxage=30, must-revalidate, proxy-revalidate, must-understand',
      ),
    ).toMatchObject({
      isPublic: true,
      maxAgeMs: 60_000,
      sMaxageMs: 30_000,
      mustRevalidate: true,
      proxyRevalidate: true,
      mustUnderstand: true,
      noStore: false,
      noCache: false,
      isPrivate: false,
    })
    expect(
      readLines(
        'no-store',
        'no-cache, private',
        'no-transform, immutable',
        'stale-while-revalidate=5, stale-if-error=7',
      ),
    ).toMatchObject({
      noStore: true,
      noCache: true,
      isPrivate: true,
      staleWhileRevalidateMs: 5000,
      staleIfErrorMs: 7000,
    })
  })

  it('that nobody knows say nothing', () => {
    expect(readLines('max-age=60, community="UCI, no-store", fresh')).toEqual(
      readLines('max-age=60'),
    )
  })

  it('take a time as token and as quoted string', () => {
    expect(readLines('max-age="60"').maxAgeMs).toBe(60_000)
    expect(readLines('max-age=060').maxAgeMs).toBe(60_000)
  })

  it.each([
    'max-age',
    'max-age=',
    'max-age=-1',
    'max-age=1.5',
    'max-age=60s',
    'max-age=a',
    'max-age=6 0',
    'max-age=60;x',
    'max-age=+60',
  ])('with a time that is none are stale: "%s"', (line) => {
    expect(readLines(line).maxAgeMs).toBe(0)
  })

  it('with a time beyond 2^31 seconds have that one', () => {
    expect(readLines('max-age=2147483649').maxAgeMs).toBe(2_147_483_648_000)
    expect(readLines(`max-age=${'9'.repeat(400)}`).maxAgeMs).toBe(2_147_483_648_000)
  })

  it('that come twice have the shorter time, on one line or two', () => {
    expect(readLines('max-age=60, max-age=10').maxAgeMs).toBe(10_000)
    expect(readLines('max-age=10', 'max-age=60').maxAgeMs).toBe(10_000)
    expect(readLines('max-age=60, max-age=x').maxAgeMs).toBe(0)
  })

  it('with a list of fields withhold these and nothing else', () => {
    const read = readLines('no-cache="Set-Cookie, X-User", private="X-Mail"')
    expect(read).toMatchObject({
      noCache: false,
      isPrivate: false,
      withheld: ['set-cookie', 'x-user', 'x-mail'],
    })
    expect(readLines('private=X-Mail').withheld).toEqual(['x-mail'])
  })

  it.each([
    'private, private="x"',
    'private="x", private',
    'private=""',
    'private="',
    'private=" , "',
    'private="x y"',
    'private="x',
    'private; max-age=60',
    'max-age=60; private',
  ])('hold the whole back where they come without a list, or with one that is none: %s', (line) => {
    expect(readLines(line).isPrivate).toBe(true)
  })

  it('stand behind commas within quotes, and behind a quote that nothing closes', () => {
    expect(readLines('x="a, no-store"').noStore).toBe(false)
    expect(readLines('x="a, no-store').noStore).toBe(true)
    expect(readLines(String.raw`x="a\", no-store`).noStore).toBe(true)
    expect(readLines(String.raw`x="a\", no-store", private`)).toMatchObject({
      noStore: false,
      isPrivate: true,
    })
    expect(readLines('x="a', 'no-store').noStore).toBe(true)
  })

  it('are read in linear time, whatever stands there', () => {
    const started = performance.now()
    for (const part of [
      '"',
      'a=' + ' '.repeat(60_000) + 'x',
      String.raw`\"`,
      '",',
      'a="\\',
      '="',
      ' ',
      '= ',
    ]) {
      readLines(part.repeat(Math.ceil(100_000 / part.length)))
    }
    expect(performance.now() - started).toBeLessThan(5000)
  })

  it('never fail, and are never negative', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.stringMatching(/^[-a-z=",0-9 \\]*$/))),
        (lines) => {
          const read = readLines(...lines)
          for (const ms of [read.maxAgeMs, read.sMaxageMs, read.staleIfErrorMs]) {
            expect(ms === undefined || (ms >= 0 && Number.isFinite(ms))).toBe(true)
          }
        },
      ),
    )
  })
})

describe('directives of a request', () => {
  it('are those of RFC 9111 §5.2.1 and RFC 5861 §4', () => {
    expect(
      parseRequestDirectives(
        'no-store, No-Cache, only-if-cached, max-age=1, min-fresh=2, max-stale=3, stale-if-error=4',
      ),
    ).toEqual({
      noStore: true,
      noCache: true,
      onlyIfCached: true,
      maxAgeMs: 1000,
      minFreshMs: 2000,
      maxStaleMs: 3000,
      staleIfErrorMs: 4000,
    })
    expect(parseRequestDirectives('')).toEqual({
      noStore: false,
      noCache: false,
      onlyIfCached: false,
      maxAgeMs: undefined,
      minFreshMs: undefined,
      maxStaleMs: undefined,
      staleIfErrorMs: undefined,
    })
  })

  it('take any age where "max-stale" names none, and the stricter where two are named', () => {
    expect(parseRequestDirectives('max-stale').maxStaleMs).toBe(Number.POSITIVE_INFINITY)
    expect(parseRequestDirectives('max-stale, max-stale=5').maxStaleMs).toBe(5000)
    expect(parseRequestDirectives('min-fresh=1, min-fresh=5').minFreshMs).toBe(5000)
  })
})
