import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  acceptedEncodings,
  toAcceptEncoding,
  variantNamesOf,
  variantText,
} from '../../../src/cache/policy/selection.ts'
import { type Headers, toFields, toRequest } from './exchange.ts'

const text = (headers: Readonly<Record<string, string>>, ...vary: readonly string[]) =>
  variantText(toRequest(headers), vary)
const names = (headers: Headers) => variantNamesOf(toFields(headers))

const normal = (value: string | undefined) =>
  value?.includes('"') === true ? value.trim() : value?.split(',').map((part) => part.trim())

describe('the names of Vary', () => {
  it('are sorted, without case, each once, over all lines', () => {
    expect(names({ vary: ['Origin, accept', 'ACCEPT ,, '] })).toEqual(['accept', 'origin'])
    expect(names({})).toEqual([])
  })

  it('have what an answer hangs on without a word', () => {
    expect(names({ 'content-encoding': 'gzip' })).toEqual(['accept-encoding'])
    expect(names({ vary: 'accept', 'access-control-allow-origin': 'https://a.test' })).toEqual([
      'accept',
      'origin',
    ])
  })
})

describe('an answer that varies by what this router says', () => {
  it.each([
    'X-Forwarded-For',
    'Forwarded',
    'X-Real-IP',
    'X-Request-Id',
    'traceparent',
    'tracestate',
    'cf-ray',
    'CF-Connecting-IP',
  ])('of one client is for no other: %s', (vary) => {
    expect(names({ vary: `accept, ${vary}` })).toBeUndefined()
  })

  it('of host and scheme varies by what is in every key', () => {
    expect(names({ vary: 'Host, X-Forwarded-Proto, X-Forwarded-Host, accept' })).toEqual(['accept'])
  })
})

describe('a variant', () => {
  it('is that of all requests where an answer does not vary', () => {
    expect(text({ accept: 'text/html' })).toBe('')
  })

  it('is the same for values that differ in white space around commas', () => {
    expect(text({ accept: ' a ,b' }, 'accept')).toBe(text({ accept: 'a, b' }, 'accept'))
  })

  it('differs for values that differ otherwise, also in case and in white space within quotes', () => {
    for (const other of ['a,B', 'b,a', 'a', 'a;b', 'a b', 'a,b,']) {
      expect(text({ accept: other }, 'accept')).not.toBe(text({ accept: 'a,b' }, 'accept'))
    }
    expect(text({ accept: '"a ,b"' }, 'accept')).not.toBe(text({ accept: '"a,b"' }, 'accept'))
  })

  it('of a request without a header is none of one that has it, though it be empty', () => {
    expect(text({}, 'x')).not.toBe(text({ x: '' }, 'x'))
    expect(text({}, 'x')).not.toBe(text({ x: 'null' }, 'x'))
  })

  it('hangs on each of the headers', () => {
    const variants = [
      text({ a: '1', b: '2' }, 'a', 'b'),
      text({ a: '2', b: '1' }, 'a', 'b'),
      text({ a: '1' }, 'a', 'b'),
      text({ b: '1' }, 'a', 'b'),
      text({ a: '1","b":"2' }, 'a', 'b'),
      text({ a: '1' }, 'a'),
    ]
    expect(new Set(variants).size).toBe(variants.length)
  })

  it('is one for two requests only where their values mean the same', () => {
    const values = fc.record({ a: fc.string(), b: fc.string() }, { requiredKeys: [] })
    fc.assert(
      fc.property(values, values, (one, other) => {
        const isSame = text(one, 'a', 'b') === text(other, 'a', 'b')
        const isMeant =
          JSON.stringify([normal(one.a) ?? null, normal(one.b) ?? null]) ===
          JSON.stringify([normal(other.a) ?? null, normal(other.b) ?? null])
        expect(isSame).toBe(isMeant)
      }),
    )
  })

  it('is read in linear time, whatever a client sends', () => {
    const started = performance.now()
    for (const part of [' ', ',', ' ,', '"', ';', ';q=', 'gzip;']) {
      const value = `a${part.repeat(60_000)}b`
      text({ accept: value, 'accept-encoding': value }, 'accept', 'accept-encoding')
    }
    expect(performance.now() - started).toBeLessThan(5000)
  })
})

describe('Accept-Encoding', () => {
  it.each([
    [undefined, []],
    ['', []],
    ['identity', []],
    ['deflate, compress', []],
    ['gzip', ['gzip']],
    ['GZIP;Q=0.5', ['gzip']],
    ['x-gzip', ['gzip']],
    ['gzip, deflate, br, zstd', ['br', 'gzip', 'zstd']],
    ['br;q=1.0, GZIP;q=0.8, *;q=0.1', ['br', 'gzip', 'zstd']],
    ['*', ['br', 'gzip', 'zstd']],
    ['gzip;q=0, *', ['br', 'zstd']],
    ['gzip;q=0', []],
    ['gzip;q=0.000, br ; Q=0.5', ['br']],
    ['gzip;q=2, br;q=x', []],
    ['gzip, identity;q=0', ['gzip', 'identity;q=0']],
    ['gzip, *;q=0', ['gzip', 'identity;q=0']],
    ['gzip, *;q=0, identity', ['gzip']],
  ])('%s counts as %j', (value, accepted) => {
    expect(acceptedEncodings(value)).toEqual(accepted)
  })

  it('parts variants by what this cache tells apart, and by nothing else', () => {
    const browser = { 'accept-encoding': 'gzip, deflate, br' }
    expect(text(browser, 'accept-encoding')).toBe(
      text({ 'accept-encoding': 'br, gzip;q=0.5' }, 'accept-encoding'),
    )
    expect(text(browser, 'accept-encoding')).not.toBe(
      text({ 'accept-encoding': 'gzip' }, 'accept-encoding'),
    )
    expect(text({}, 'accept-encoding')).toBe(
      text({ 'accept-encoding': 'identity' }, 'accept-encoding'),
    )
  })

  it('is told to the origin in the form that parts variants, and is never empty', () => {
    expect(toAcceptEncoding('gzip, deflate, br;q=0.9')).toBe('br, gzip')
    expect(toAcceptEncoding(undefined)).toBe('identity')
    expect(toAcceptEncoding('deflate')).toBe('identity')
    fc.assert(
      fc.property(fc.string(), (value) => {
        const told = toAcceptEncoding(value)
        expect(acceptedEncodings(told)).toEqual(acceptedEncodings(value))
      }),
    )
  })
})
