import * as fc from 'fast-check'
import type * as z from 'zod'
import { expect, it } from 'vitest'
import { compileMatches } from '../../../src/core/match/compile.ts'
import { explainMatches } from '../../../src/core/match/explain.ts'
import { parsePath } from '../../../src/core/match/path.ts'
import { comparePrecedence, weigh } from '../../../src/core/match/precedence.ts'
import type { RequestFacts } from '../../../src/schema/facts.ts'
import { Match, PathPattern, type Test } from '../../../src/schema/match.ts'
import type { Route } from '../../../src/schema/route.ts'
import { type AuthoredFacts, type AuthoredRoute, requestOf, routesOf } from './routes.ts'

// The index against the plain meaning: every entry in order of precedence, and the first that matches. What a match
// means is written here a second time, as plainly as it can be said.

interface PlainEntry {
  readonly route: string
  readonly match: number
  readonly values: readonly number[]
  readonly host: string | undefined
  readonly asked: Match
}

function findPlainly(
  routes: Readonly<Record<string, Route>>,
  facts: RequestFacts,
): { readonly route: string; readonly match: number } | undefined {
  const entries = Object.entries(routes)
    .filter(([, route]) => route.enabled)
    .flatMap(([id, route]) =>
      route.match.flatMap((asked, match) => plainEntriesOf({ route: id, match }, route, asked)),
    )
  const found = entries.toSorted(comparePrecedence).find((entry) => isWanted(entry, facts))
  return found && { route: found.route, match: found.match }
}

function plainEntriesOf(
  place: Pick<PlainEntry, 'route' | 'match'>,
  { priority }: Route,
  asked: Match,
): PlainEntry[] {
  return (asked.hosts ?? [undefined]).map((host) => {
    const values = weigh({ priority, host, path: parsePath(asked.path), match: asked })
    return { ...place, values, host, asked }
  })
}

function isWanted({ host, asked }: PlainEntry, facts: RequestFacts): boolean {
  const { client } = facts
  return (
    (host === undefined || isHost(host, facts.host)) &&
    [facts.path, facts.path.replaceAll(/%2f/gi, '/')].some((path) =>
      isPath((asked.path ?? '/*').split('/').slice(1), plainSegmentsOf(path)),
    ) &&
    (asked.methods?.includes(facts.method) ?? true) &&
    areValues(asked.headers, facts.headers) &&
    areValues(asked.cookies, facts.cookies) &&
    areValues(asked.query, facts.query) &&
    (asked.userAgent?.some((part) => agentOf(facts).includes(part.toLowerCase())) ?? true) &&
    (asked.continents?.some((place) => place === client.continent) ?? true) &&
    (asked.countries?.some((place) => place === client.country) ?? true) &&
    (asked.regions?.some((place) => place === client.region) ?? true) &&
    (asked.asns?.some((asn) => asn === client.asn) ?? true) &&
    (asked.clients?.some((block) => BLOCKS[block]?.includes(client.ip ?? '')) ?? true)
  )
}

function isHost(wanted: string, host: string): boolean {
  const labels = host.replace(/\.$/, '').split('.')
  if (!wanted.startsWith('*.')) return labels.join('.') === wanted
  return labels.some((_, index) => index > 0 && `*.${labels.slice(index).join('.')}` === wanted)
}

/** The characters of a path by segment, an escape that stays one being a character of its own. */
function plainSegmentsOf(path: string): string[][] {
  return path.replaceAll(/\/+/g, '/').split('/').slice(1).map(unitsOf)
}

function unitsOf(segment: string): string[] {
  const units = segment.match(/%..|./g) ?? []
  return units.map((unit) => (unit === '%61' ? 'a' : unit.toUpperCase() === '%2F' ? '%2F' : unit))
}

/** An empty segment is only ever the last, after a trailing slash. */
function isPath(pattern: readonly string[], segments: readonly (readonly string[])[]): boolean {
  const [first, ...others] = pattern
  if (first === undefined) return segments.length === 0
  if (first === '**' || (first === '*' && others.length === 0)) {
    return segments.some((_, index) => isPath(others, segments.slice(index))) || isPath(others, [])
  }
  const [segment, ...rest] = segments
  return segment !== undefined && isSegment(first, segment) && isPath(others, rest)
}

function isSegment(pattern: string, segment: readonly string[]): boolean {
  if (pattern === '*' || pattern.startsWith('{')) return segment.length > 0
  return isGlob(unitsOf(pattern), segment)
}

function isGlob(pattern: readonly string[], segment: readonly string[]): boolean {
  const [first, ...others] = pattern
  if (first === undefined) return segment.length === 0
  if (first !== '*') return segment[0] === first && isGlob(others, segment.slice(1))
  return isGlob(others, segment) || (segment.length > 0 && isGlob(pattern, segment.slice(1)))
}

function areValues(
  tests: Readonly<Record<string, Test>> | undefined,
  values: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(tests ?? {}).every(([name, test]) => isValue(test, values[name]))
}

function isValue(test: Test, value: string | undefined): boolean {
  if (typeof test === 'string') return value === test
  if ('present' in test) return test.present === (value !== undefined)
  if (value === undefined) return false
  if ('prefix' in test) return value.slice(0, test.prefix.length) === test.prefix
  if ('contains' in test) return value.split(test.contains).length > 1
  return test.oneOf.includes(value)
}

function agentOf({ headers }: RequestFacts): string {
  return (headers['user-agent'] ?? '').toLowerCase()
}

/** Which of the addresses below are in which block. */
const BLOCKS: Readonly<Record<string, readonly string[]>> = {
  '10.0.0.0/8': ['10.1.2.3', '10.2.0.1', '::ffff:10.1.2.3'],
  '10.1.0.0/16': ['10.1.2.3', '::ffff:10.1.2.3'],
  '192.0.2.1': ['192.0.2.1'],
  '2001:db8::/32': ['2001:db8::1', '2001:db8:1::1'],
  '2001:db8:1::/48': ['2001:db8:1::1'],
}
const ADDRESSES = [...new Set(Object.values(BLOCKS).flat())]

const some = <Value>(...values: Value[]) =>
  fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 3 })
const sometimes = <Value>(arbitrary: fc.Arbitrary<Value>) =>
  fc.option(arbitrary, { nil: undefined, freq: 1 })
const test: fc.Arbitrary<Test> = fc.constantFrom<Test[]>(
  '1',
  '12',
  { present: true },
  { present: false },
  { prefix: '1' },
  { contains: '2' },
  { oneOf: ['1', '2'] },
)
const tests = fc.dictionary(fc.constantFrom('x-a', 'x-b'), test, { minKeys: 1 })

const patternPart = fc.constantFrom(
  'a',
  'b',
  'ab',
  '%61',
  '{x}',
  '*',
  'a*',
  '*b',
  '*a*',
  'a*b*',
  '%61*',
  '**',
  'a%2Fb',
)
const path = fc
  .tuple(fc.array(patternPart, { maxLength: 4 }), fc.constantFrom('', '', '/', '/*'))
  .map(([parts, end]) => `/${parts.join('/')}${parts.length === 0 ? end.slice(1) : end}`)
  .filter((text) => PathPattern.safeParse(text).success)

const match: fc.Arbitrary<z.input<typeof Match>> = fc
  .record({
    hosts: fc.option(some('a.com', 'b.a.com', 'c.b.a.com', '*.a.com', '*.b.a.com', '*.com'), {
      nil: undefined,
    }),
    path: fc.option(path, { nil: undefined, freq: 5 }),
    methods: sometimes(some('GET', 'PUT')),
    conditions: sometimes(
      fc.oneof(
        tests.map((headers) => ({ headers })),
        tests.map((cookies) => ({ cookies })),
        tests.map((query) => ({ query })),
        some('bot', 'IPHONE').map((userAgent) => ({ userAgent })),
        some('EU', 'NA').map((continents) => ({ continents })),
        some('DE', 'US').map((countries) => ({ countries })),
        some('US-CA', 'US-NY').map((regions) => ({ regions })),
        some(1, 2).map((asns) => ({ asns })),
        some(...Object.keys(BLOCKS)).map((clients) => ({ clients })),
      ),
    ),
  })
  .map(({ conditions, ...rest }) => Match.parse({ ...rest, ...conditions }))

const route: fc.Arbitrary<AuthoredRoute> = fc.record({
  match: fc.array(match, { minLength: 1, maxLength: 3 }),
  priority: fc.constantFrom(0, 0, 0, 0, 1, -1),
  enabled: fc.constantFrom(true, true, true, true, false),
})
const routes = fc
  .uniqueArray(
    fc.tuple(
      fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 3 }),
      route,
    ),
    { selector: ([id]) => id, maxLength: 12 },
  )
  .map((pairs) => routesOf(Object.fromEntries(pairs)))

const values = fc.dictionary(fc.constantFrom('x-a', 'x-b'), fc.constantFrom('', '1', '2', '12'))
const pathSegment = fc.constantFrom(
  'a',
  'b',
  'ab',
  'aab',
  'ba',
  '%61',
  '%61b',
  'a%2fb',
  'a%2Fb',
  '',
)
const facts: fc.Arbitrary<RequestFacts> = fc
  .record({
    method: fc.constantFrom('GET', 'GET', 'PUT', 'POST'),
    host: fc.constantFrom(
      'a.com',
      'b.a.com',
      'c.b.a.com',
      'd.c.b.a.com',
      'a.com.',
      'com',
      'ba.com',
      'x.net',
    ),
    path: fc.array(pathSegment, { maxLength: 5 }).map((segments) => `/${segments.join('/')}`),
    headers: values,
    agent: sometimes(fc.constantFrom('Bot/1', 'iPhone', '')),
    cookies: values,
    query: values,
    client: fc.record(
      {
        ip: fc.constantFrom(...ADDRESSES),
        continent: fc.constantFrom('EU', 'NA'),
        country: fc.constantFrom('DE', 'US'),
        region: fc.constantFrom('US-CA', 'US-NY'),
        asn: fc.constantFrom(1, 2, 3),
      },
      { requiredKeys: [] },
    ),
  })
  .map(({ agent, headers, ...rest }): AuthoredFacts => ({
    ...rest,
    headers: agent === undefined ? headers : { ...headers, 'user-agent': agent },
  }))
  .map(requestOf)

it('finds what a scan of all entries in order of precedence finds', () => {
  fc.assert(
    fc.property(routes, fc.array(facts, { minLength: 1, maxLength: 8 }), (given, requests) => {
      const { table, order } = compileMatches(given)
      for (const request of requests) {
        const matched = table.find(request)
        const found = matched && { route: order[matched.route], match: matched.match }
        expect(found).toEqual(findPlainly(given, request))
      }
    }),
    { numRuns: 500 },
  )
}, 30_000)

it('explains what it finds: one route matched, those after it shadowed, all others unmet', () => {
  fc.assert(
    fc.property(routes, facts, (given, request) => {
      const { order } = compileMatches(given)
      const told = explainMatches(given, request)
      const found = findPlainly(given, request)
      expect(told.map(({ route: id }) => id)).toEqual(order)
      expect(
        told.filter(({ verdict }) => verdict === 'matched').map(({ route: id }) => id),
      ).toEqual(found ? [found.route] : [])
      for (const { route: id, verdict, words } of told) {
        const alone = Object.fromEntries(Object.entries(given).filter(([name]) => name === id))
        expect(verdict !== 'unmet').toBe(findPlainly(alone, request) !== undefined)
        expect(words).not.toBe('')
      }
    }),
    { numRuns: 250 },
  )
}, 30_000)
