import * as fc from 'fast-check'
import type * as z from 'zod'
import { describe, expect, it } from 'vitest'
import { compileMatches } from '../../../src/core/match/compile.ts'
import { matchesParts, parsePath } from '../../../src/core/match/path.ts'
import { comparePrecedence, weigh } from '../../../src/core/match/precedence.ts'
import { Match, PathPattern } from '../../../src/schema/match.ts'
import { type AuthoredRoute, routesOf, takerOf } from './routes.ts'

/** Two routes whose ids would stand the other way round in the alphabet. */
function orderOf(first: AuthoredRoute, second: AuthoredRoute): readonly string[] {
  return compileMatches(routesOf({ 'z-first': first, 'a-second': second })).order
}

type AuthoredMatch = z.input<typeof Match>

const everything: AuthoredMatch = {
  methods: ['GET'],
  headers: { 'x-a': '1', 'x-b': '1' },
  query: { a: '1', b: '1' },
  cookies: { a: '1', b: '1' },
  clients: ['10.0.0.1'],
  asns: [1],
  regions: ['US-CA'],
  countries: ['US'],
  continents: ['NA'],
  userAgent: ['bot'],
  scheme: 'https',
}

/** `everything` without what stands at or above a rule: the rule must hold whatever is below it. */
function below(...dropped: (keyof AuthoredMatch)[]): AuthoredMatch {
  return Object.fromEntries(
    Object.entries(everything).filter(([key]) => !(dropped as string[]).includes(key)),
  )
}

const criteria = Object.keys(everything) as (keyof AuthoredMatch)[]

/** What stands in `everything` before and at a condition. */
function upTo(condition: keyof AuthoredMatch): (keyof AuthoredMatch)[] {
  return criteria.slice(0, criteria.indexOf(condition) + 1)
}

describe('of two routes', () => {
  it('the one with the higher priority goes first, however broad', () => {
    const narrow = { match: { ...everything, hosts: ['a.com'], path: '/a' } }
    expect(orderOf({ priority: 1 }, narrow)).toEqual(['z-first', 'a-second'])
    expect(orderOf({}, { ...narrow, priority: -1 })).toEqual(['z-first', 'a-second'])
  })

  it.each<[string, AuthoredMatch, AuthoredMatch]>([
    ['an exact host', { hosts: ['a.com'] }, { ...everything, hosts: ['*.com'], path: '/a' }],
    ['a longer suffix', { hosts: ['*.a.com'] }, { ...everything, hosts: ['*.com'], path: '/a' }],
    ['any host named', { hosts: ['*.com'] }, { ...everything, path: '/a' }],
    ['an exact path', { path: '/a' }, { ...everything, path: '/a/*' }],
    ['an exact path', { path: '/a/b' }, { ...everything, path: '/a/{id}' }],
    ['a longer prefix', { path: '/a/b/*' }, { ...everything, path: '/a/*' }],
    ['a path at all', { path: '/a/*' }, everything],
    ['more before a wildcard', { path: '/users/me/*' }, { ...everything, path: '/users/{id}/me' }],
    ['more before a wildcard', { path: '/admin/*' }, { ...everything, path: '/{tenant}/users' }],
    ['more before a wildcard', { path: '/static/*' }, { ...everything, path: '/**/*.png' }],
    ['more before a wildcard', { path: '/ab*' }, { ...everything, path: '/a*cde' }],
    ['more spelled out', { path: '/static/*.png' }, { ...everything, path: '/static/*' }],
    ['more spelled out', { path: '/{a}/users/*' }, { ...everything, path: '/{a}/{b}' }],
    ['a fixed depth', { path: '/a/{id}' }, { ...everything, path: '/a/*' }],
    ['a fixed end', { path: '/**/{x}' }, { ...everything, path: '/{x}/**' }],
    ['a deeper path', { path: '/a/{b}/{c}/*' }, { ...everything, path: '/a/{b}/*' }],
    ['fewer wildcards', { path: '/*a' }, { ...everything, path: '/*a*' }],
    ['a later "**"', { path: '/*b/**/{x}/*' }, { ...everything, path: '/**/*b/{x}/*' }],
    ['a method', { methods: ['GET', 'PUT'] }, below(...upTo('methods'))],
    ['more headers', { headers: { 'x-a': '1' } }, below(...upTo('headers'))],
    ['more parameters', { query: { a: '1' } }, below(...upTo('query'))],
    ['more cookies', { cookies: { a: '1' } }, below(...upTo('cookies'))],
    ['clients', { clients: ['::/0'] }, below(...upTo('clients'))],
    ['narrower clients', { clients: ['10.1.0.0/16'] }, { clients: ['10.0.0.0/8', '10.1.1.1'] }],
    ['an AS number', { asns: [1] }, below(...upTo('asns'))],
    ['a region', { regions: ['US-CA'] }, below(...upTo('regions'))],
    ['a country', { countries: ['US'] }, below(...upTo('countries'))],
    ['a continent', { continents: ['NA'] }, below(...upTo('continents'))],
    ['a user agent', { userAgent: ['bot'], scheme: undefined }, { scheme: 'https' }],
    ['a scheme', { scheme: 'https' }, {}],
  ])('the one with %s goes first: %j', (_, first, second) => {
    expect(orderOf({ match: first }, { match: second })).toEqual(['z-first', 'a-second'])
  })

  it('that nothing else parts, the first in the alphabet goes first', () => {
    const match = { path: '/a/*', methods: ['GET'] }
    const { order } = compileMatches(routesOf({ b: { match }, c: { match }, a: { match } }))
    expect(order).toEqual(['a', 'b', 'c'])
  })
})

describe('the order', () => {
  it('is the same for all ways to write a path', () => {
    const paths = ['/%61/**/*', '/a/*', '//a/**', '/a//*']
    const routes = paths.map((path, index) => [`r${index}`, { match: { path } }])
    const { order } = compileMatches(routesOf(Object.fromEntries(routes)))
    expect(order).toEqual(['r0', 'r1', 'r2', 'r3'])
  })

  it('counts each match and each host of a route by itself', () => {
    const routes = {
      mixed: { match: [{ path: '/*' }, { hosts: ['a.com', '*.com'], path: '/a' }] },
      middle: { match: { hosts: ['*.com'], path: '/a/*' } },
    }
    expect(takerOf(routes, { host: 'a.com', path: '/a' })).toBe('mixed')
    expect(takerOf(routes, { host: 'b.com', path: '/a' })).toBe('mixed')
    expect(takerOf(routes, { host: 'b.com', path: '/a/b' })).toBe('middle')
    expect(takerOf(routes, { host: 'b.net', path: '/a' })).toBe('mixed')
  })

  it('is total: of any two, one goes first, whatever the others', () => {
    const authored = fc.record(
      {
        hosts: fc.constantFrom(['a.com'], ['*.com']),
        path: fc.constantFrom('/a', '/a/*', '/{a}', '/*a'),
        methods: fc.constant(['GET']),
        clients: fc.constantFrom(['10.0.0.0/8'], ['::1']),
        headers: fc.constant({ 'x-a': '1' }),
      },
      { requiredKeys: [] },
    )
    const place = fc.record({ asked: authored, route: fc.constantFrom('a', 'b', 'c') })
    fc.assert(
      fc.property(fc.array(place, { minLength: 2, maxLength: 5 }), (places) => {
        const standings = places.map(({ asked, route }, index) => {
          const match = Match.parse(asked)
          const path = parsePath(match.path)
          const values = weigh({ priority: 0, host: match.hosts?.[0], path, match })
          return { route, match: index, values }
        })
        const sorted = standings.toSorted(comparePrecedence)
        for (const [index, left] of sorted.entries()) {
          for (const right of sorted.slice(index + 1)) {
            expect(comparePrecedence(left, right)).toBeLessThan(0)
            expect(comparePrecedence(right, left)).toBeGreaterThan(0)
          }
        }
      }),
    )
  })

  it('puts a path pattern before every other that matches all it matches and more', () => {
    const part = fc.constantFrom('a', 'b', 'ab', '{x}', '*', 'a*', '*b', '*a*', '**')
    const pattern = fc
      .tuple(fc.array(part, { minLength: 1, maxLength: 3 }), fc.constantFrom('', '', '/', '/*'))
      .map(([parts, end]) => `/${parts.join('/')}${end}`)
      .filter((text) => PathPattern.safeParse(text).success)
    fc.assert(
      fc.property(pattern, pattern, (left, right) => {
        const [inLeft, inRight] = [matchedOf(left), matchedOf(right)]
        fc.pre(inLeft.size < inRight.size && [...inLeft].every((path) => inRight.has(path)))
        const routes = { narrow: { match: { path: left } }, broad: { match: { path: right } } }
        expect(compileMatches(routesOf(routes)).order).toEqual(['narrow', 'broad'])
      }),
      { numRuns: 200, maxSkipsPerRun: 1000 },
    )
  })
})

/** Paths of up to four segments, with and without a slash at the end. */
const UNIVERSE = fillPaths(4).flatMap((path) => [path, [...path, '']])

function matchedOf(pattern: string): Set<readonly string[]> {
  const { parts } = parsePath(pattern)
  return new Set(UNIVERSE.filter((segments) => matchesParts(parts, segments, 0)))
}

function fillPaths(depth: number): string[][] {
  const longest = Array.from({ length: depth }, () => ['a', 'b', 'ab', 'cac']).reduce<string[][]>(
    (paths, units) => paths.flatMap((path) => units.map((unit) => [...path, unit])),
    [[]],
  )
  return depth === 1 ? longest : [...fillPaths(depth - 1), ...longest]
}
