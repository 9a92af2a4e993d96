import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type * as z from 'zod'
import { nameOfKey } from '../../../src/cache/policy/key.ts'
import { toCookiePairs } from '../../../src/cache/policy/cookie-pairs.ts'
import type { CacheKey } from '../../../src/schema/cache-key.ts'
import { askedOf, keyingOf, keyOf, targetOf, type Written } from './asked.ts'

const plain = keyingOf()

const rewriting = (rewrite: object) =>
  keyingOf({}, { match: [{ path: '/a/*' }, { path: '/*' }], rewrite })

const askedBy = (method: string) => askedOf(plain, 'https://a.test/?', { method })

describe('the key of a request', () => {
  it('is its route and its URL, with its scheme', () => {
    expect(keyOf(plain, 'https://www.example.com/a?b=1')).toBe(
      'shop\nhttps://www.example.com/a?b=1',
    )
    expect(keyOf(plain, 'http://www.example.com/a?b=1')).toBe('shop\nhttp://www.example.com/a?b=1')
  })

  it('has the host in lower case, without the dot at its end and without the port of its scheme', () => {
    for (const host of ['WWW.example.com', 'www.example.com.', 'www.example.com:443']) {
      expect(targetOf(plain, `https://${host}/`)).toBe('https://www.example.com/')
    }
    expect(targetOf(plain, 'https://www.example.com.:8443/')).toBe('https://www.example.com:8443/')
    expect(targetOf(plain, 'http://www.example.com:443/')).toBe('http://www.example.com:443/')
    expect(targetOf(plain, 'http://[::1]:0080/')).toBe('http://[::1]/')
  })

  it('has the path byte for byte', () => {
    const paths = ['/a', '/A', '/%61', '//a', '/a/', '/a;b', '/a%00', '/a%2fb', '/a%2Fb', '/a%3Fb']
    const keys = paths.map((path) => keyOf(plain, `https://www.example.com${path}`))
    expect(new Set(keys).size).toBe(paths.length)
  })

  it('may have a fixed host and path, which are what the origin is asked for', () => {
    const keying = keyingOf({ key: { host: 'shop.test', path: '/app' } })
    expect(targetOf(keying, 'https://a.example.com:8443/b/c?d')).toBe('https://shop.test/app?d')
    expect(keyOf(keying, 'https://a.test/b')).toBe(keyOf(keying, 'https://c.test/d'))
  })

  it('has the parts that the route names, and an empty value is not a missing one', () => {
    const keying = keyingOf({
      key: { headers: ['x-tenant'], cookies: ['theme'], country: true, device: true },
    })
    const headers = { 'x-tenant': 'a', cookie: 'id=1; theme=dark', 'user-agent': 'iPhone' }
    expect(keyOf(keying, 'https://a.test/', { headers, country: 'DE' })).toBe(
      'shop header:x-tenant cookie:theme country device\nhttps://a.test/\n1:a\n10:theme=dark\n2:DE\n6:mobile',
    )
    const keys = [{}, { 'x-tenant': '' }, { cookie: 'theme=' }, { cookie: 'theme' }].map((each) =>
      keyOf(keying, 'https://a.test/', { headers: each }),
    )
    expect(new Set(keys).size).toBe(keys.length)
  })

  it('has every cookie of a name: origins differ on which of them counts', () => {
    const keying = keyingOf({ key: { cookies: ['theme'] } })
    const withCookie = (cookie: string) => keyOf(keying, 'https://a.test/', { headers: { cookie } })
    expect(withCookie('theme=a; theme=b')).not.toBe(withCookie('theme=a'))
    expect(withCookie('theme=a; theme=b')).not.toBe(withCookie('theme=b; theme=a'))
    expect(withCookie('id=1; theme=a')).toBe(withCookie('theme=a; id=2'))
  })

  it('has the match where the matches of a route rewrite paths differently', () => {
    const replaced = rewriting({ path: { replacePrefix: '/z' } })
    const keys = [0, 1].map((match) => keyOf(replaced, 'https://a.test/a/b', { match }))
    expect(keys[0]).not.toBe(keys[1])
    const told = rewriting({ host: 'b.test' })
    expect(keyOf(told, 'https://a.test/', { match: 0 })).toBe(
      keyOf(told, 'https://a.test/', { match: 1 }),
    )
  })

  it('is another one for each route, and when the route names other parts', () => {
    const one = keyOf(keyingOf({ key: { headers: ['a'] } }), 'https://a.test/')
    const other = keyOf(keyingOf({ key: { headers: ['b'] } }), 'https://a.test/')
    expect(one).not.toBe(other)
  })

  it('has a name of 64 characters in tiers', () => {
    expect(nameOfKey('abc')).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    )
  })
})

/** What parts keys and values from each other, and little else, so that texts that look alike come up. */
const hostile = fc.string({
  unit: fc.constantFrom('\n', ':', '-', '1', '2', 'a', '=', '; ', ' '),
  maxLength: 6,
})
const path = fc.string({
  unit: fc.constantFrom('/', 'a', ':', '-', '%0a', '1', ';', '&'),
  maxLength: 5,
})
const query = fc.string({
  unit: fc.constantFrom('&', '=', 'a', 'b', '?', '%61', ';', '1'),
  maxLength: 8,
})

const written = fc.record({
  url: fc
    .record({ host: fc.constantFrom('a.test', 'b.test', 'a.test:81'), path, query })
    .map((url) => `https://${url.host}/${url.path}?${url.query}`),
  headers: fc.dictionary(fc.constantFrom('x-a', 'x-b', 'cookie'), hostile, { maxKeys: 3 }),
  country: fc.constantFrom(undefined, 'DE', ''),
})

type Case = {
  readonly url: string
  readonly headers: Record<string, string>
  readonly country: string | undefined
}

function given({ headers, country }: Case): Written {
  return { headers, ...(country !== undefined && { country }) }
}

describe('keys', () => {
  const keying = keyingOf({
    key: { headers: ['x-a', 'x-b'], cookies: ['a', '1'], country: true, query: { exclude: ['b'] } },
  })

  /** All that the origin of a request is told and may answer by. */
  function toldOf(each: Case): string {
    const cookies = toCookiePairs(each.headers['cookie'])
    const of = (wanted: string) =>
      cookies.filter(({ name }) => name === wanted).map(({ text }) => text)
    const { headers, country } = each
    return JSON.stringify([
      targetOf(keying, each.url),
      headers['x-a'] ?? null,
      headers['x-b'] ?? null,
      of('a'),
      of('1'),
      country ?? null,
    ])
  }

  it('are equal for the same request and never for different ones', () => {
    fc.assert(
      fc.property(written, written, (one, other) => {
        const isSame = toldOf(one) === toldOf(other)
        const keys = [one, other].map((each) => keyOf(keying, each.url, given(each)))
        expect(keys[0] === keys[1]).toBe(isSame)
      }),
      { numRuns: 2000 },
    )
  })

  it('never take the value of one part for that of another', () => {
    fc.assert(
      fc.property(hostile, hostile, hostile, hostile, (...[a, b, c, d]) => {
        const [one, other] = [
          { 'x-a': a, 'x-b': b },
          { 'x-a': c, 'x-b': d },
        ].map((headers) => keyOf(keying, 'https://a.test/', { headers }))
        expect(one === other).toBe(a === c && b === d)
      }),
      { numRuns: 1000 },
    )
  })
})

type QueryCase = readonly [
  what: string,
  key: z.input<typeof CacheKey>,
  given: string,
  wanted: string,
]

describe('the query of a key', () => {
  it.each([
    ['in another order', {}, '?b=2&a=1', '?a=1&b=2'],
    ['with several of a name in theirs', {}, '?b=2&a=1&b=1', '?a=1&b=2&b=1'],
    ['a name that is written otherwise', {}, '?b=1&%61=2&a=3', '?%61=2&a=3&b=1'],
    ['with a lone question mark', {}, '?', ''],
    ['as it came', { sortQuery: false }, '?b=2&a=1&', '?b=2&a=1&'],
    ['none of it', { query: 'none' }, '?b=2', ''],
    [
      'without some',
      { query: { exclude: ['utm_*', 'b'] } },
      '?utm_a=1&b=2&c=3&utm=4&bb=5',
      '?bb=5&c=3&utm=4',
    ],
    ['without any that is left', { query: { exclude: ['utm_*'] } }, '?utm_a=1&', ''],
    [
      'some',
      { query: { include: ['page', 'f[*'] } },
      '?x=1&page=2&f%5Ba%5D=3&page=1',
      '?f%5Ba%5D=3&page=2&page=1',
    ],
    ['a name in disguise is none', { query: { exclude: ['utm_*'] } }, '?%75tm_a=1&c', '?c'],
    [
      'what an origin may part at ";" stays whole',
      { query: { include: ['a'] } },
      '?a=1;b=2&b=3',
      '?a=1;b=2',
    ],
    ['and goes whole', { query: { exclude: ['utm_*'] } }, '?utm_a=1;callback=evil&c=1', '?c=1'],
  ] satisfies QueryCase[])('may be %s', (...[, key, sent, wanted]) => {
    const keying = keyingOf({ key })
    expect(targetOf(keying, `https://a.test/${sent}`)).toBe(`https://a.test/${wanted}`)
  })

  it('is in its final form after one look, and has all that was there', () => {
    fc.assert(
      fc.property(query, (text) => {
        const once = plain.toQuery(`?${text}`)
        expect(plain.toQuery(once)).toBe(once)
        expect(once.slice(1).split('&').toSorted()).toEqual(text.split('&').toSorted())
      }),
    )
  })

  it('of more parameters than anybody sends stays as it is', () => {
    const many = `?${Array.from({ length: 1100 }, (_, at) => `p${2000 - at}`).join('&')}`
    expect(plain.toQuery(many)).toBe(many)
  })
})

describe('a method', () => {
  it('other than GET and HEAD is not looked up; an unsafe one may change what is stored', () => {
    expect(askedBy('HEAD').type).toBe('look')
    for (const method of ['OPTIONS', 'TRACE', 'PROPFIND', 'QUERY']) {
      expect(askedBy(method)).toEqual({ type: 'bypass', why: 'method' })
    }
    for (const method of ['POST', 'DELETE', 'PURGE', 'ODD']) {
      expect(askedBy(method)).toMatchObject({ type: 'unsafe', url: { path: '/', query: '' } })
    }
  })
})
