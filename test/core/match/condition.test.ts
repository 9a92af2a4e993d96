import type * as z from 'zod'
import { describe, expect, it } from 'vitest'
import { explainMatches } from '../../../src/core/match/explain.ts'
import type { Match } from '../../../src/schema/match.ts'
import { type AuthoredFacts, isMatched, requestOf, routesOf } from './routes.ts'

type AuthoredMatch = z.input<typeof Match>

function wordsFor(match: AuthoredMatch, facts: AuthoredFacts): string | undefined {
  return explainMatches(routesOf({ only: { match } }), requestOf(facts))[0]?.words
}

const agent = (value: string): AuthoredFacts => ({ headers: { 'user-agent': value } })

describe('a condition holds', () => {
  it.each<[AuthoredMatch, AuthoredFacts]>([
    [{}, {}],
    [{ hosts: ['a.com', '*.example.com'] }, {}],
    [{ hosts: ['*.example.com'] }, { host: 'a.b.example.com' }],
    [{ hosts: ['example.com'] }, { host: 'example.com.' }],
    [{ methods: ['HEAD', 'GET'] }, {}],
    [{ headers: { 'X-A': '1' } }, { headers: { 'x-a': '1' } }],
    [{ headers: { 'x-a': '' } }, { headers: { 'x-a': '' } }],
    [{ headers: { 'x-a': { present: true } } }, { headers: { 'x-a': '' } }],
    [{ headers: { 'x-a': { present: false } } }, {}],
    [{ headers: { constructor: { present: false } } }, {}],
    [{ headers: { 'x-a': { prefix: 'Bearer ' } } }, { headers: { 'x-a': 'Bearer abc' } }],
    [{ headers: { 'x-a': { contains: 'b' } } }, { headers: { 'x-a': 'abc' } }],
    [{ headers: { 'x-a': { oneOf: ['1', '2'] } } }, { headers: { 'x-a': '2' } }],
    [{ cookies: { beta: 'yes' } }, { cookies: { beta: 'yes' } }],
    [{ query: { v: { oneOf: ['2'] } } }, { query: { v: '2' } }],
    [{ scheme: 'https' }, { scheme: 'https' }],
    [{ userAgent: ['bot', 'iPhone'] }, agent('Mozilla/5.0 (IPHONE; CPU)')],
    [{ continents: ['EU', 'NA'] }, { client: { continent: 'NA' } }],
    [{ countries: ['DE', 'T1'] }, { client: { country: 'T1' } }],
    [{ regions: ['US-CA'] }, { client: { region: 'US-CA' } }],
    [{ asns: [13_335] }, { client: { asn: 13_335 } }],
    [{ clients: ['192.0.2.0/24', '10.0.0.1'] }, { client: { ip: '10.0.0.1' } }],
    [
      { methods: ['GET'], headers: { 'x-a': '1' }, countries: ['DE'] },
      { headers: { 'x-a': '1' }, client: { country: 'DE' } },
    ],
  ])('%j for %j', (match, facts) => {
    expect(isMatched(match, facts)).toBe(true)
  })
})

describe('a condition does not hold, and says why', () => {
  it.each<[AuthoredMatch, AuthoredFacts, string]>([
    [{ hosts: ['a.com', '*.b.com'] }, {}, 'host is www.example.com, not a.com or *.b.com'],
    [{ hosts: ['*.b.com'] }, { host: 'b.com' }, 'host is b.com, not *.b.com'],
    [{ hosts: ['*.b.com'] }, { host: 'ab.com' }, 'host is ab.com, not *.b.com'],
    [{ hosts: ['b.com'] }, { host: 'a.b.com' }, 'host is a.b.com, not b.com'],
    [{ path: '/a/*' }, { path: '/b"' }, 'path is "/b\\"", not /a/*'],
    [{ methods: ['GET', 'HEAD'] }, { method: 'POST' }, 'method is POST, not GET or HEAD'],
    [{ methods: ['GET'] }, { method: 'HEAD' }, 'method is HEAD, not GET'],
    [{ headers: { 'x-a': '1' } }, {}, 'header x-a is absent, not "1"'],
    [{ headers: { 'x-a': '1' } }, { headers: { 'x-a': '12' } }, 'header x-a is "12", not "1"'],
    [{ headers: { 'x-a': { present: true } } }, {}, 'header x-a is absent, not present'],
    [
      { headers: { 'x-a': { present: false } } },
      { headers: { 'x-a': '' } },
      'header x-a is "", not absent',
    ],
    [
      { headers: { constructor: { present: true } } },
      {},
      'header constructor is absent, not present',
    ],
    [
      { cookies: { c: { prefix: 'ab' } } },
      { cookies: { c: 'ba' } },
      'cookie c is present, not starting with "ab"',
    ],
    [
      { query: { q: { contains: 'x' } } },
      { query: { q: 'X' } },
      'query parameter q is "X", not containing "x"',
    ],
    [
      { query: { q: { oneOf: ['1', '2', '3'] } } },
      { query: { q: '4' } },
      'query parameter q is "4", not "1", "2" or "3"',
    ],
    [
      { userAgent: ['iPhone', 'Android'] },
      agent('curl/8.5'),
      'user agent is "curl/8.5", not containing "iPhone" or "Android"',
    ],
    [{ scheme: 'https' }, { scheme: 'http' }, 'scheme is http, not https'],
    [{ userAgent: ['bot'] }, {}, 'user agent is absent, not containing "bot"'],
    [{ continents: ['EU'] }, {}, 'continent is unknown, not EU'],
    [{ countries: ['DE'] }, { client: { country: 'FR' } }, 'country is FR, not DE'],
    [{ regions: ['US-CA'] }, { client: { region: 'US-NY' } }, 'region is US-NY, not US-CA'],
    [{ asns: [1, 2] }, { client: { asn: 3 } }, 'AS number is 3, not 1 or 2'],
    [
      { clients: ['10.0.0.0/8'] },
      { client: { ip: '11.0.0.1' } },
      'client address is 11.0.0.1, not in 10.0.0.0/8',
    ],
    [
      { methods: ['PUT'], countries: ['DE'] },
      {},
      'method is GET, not PUT, and country is unknown, not DE',
    ],
    [
      { methods: ['A', 'B', 'C', 'D', 'E', 'F', 'G'] },
      {},
      'method is GET, not A, B, C, D or 3 more',
    ],
  ])('%j for %j: %s', (match, facts, words) => {
    expect(isMatched(match, facts)).toBe(false)
    expect(wordsFor(match, facts)).toBe(words)
  })

  it('cuts a long value to what a line can hold', () => {
    const words = wordsFor({ headers: { 'x-a': '1' } }, { headers: { 'x-a': 'y'.repeat(5000) } })
    expect(words).toBe(`header x-a is "${'y'.repeat(63)}…", not "1"`)
  })
})
