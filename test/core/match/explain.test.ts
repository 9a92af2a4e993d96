import { expect, it } from 'vitest'
import { explainMatches } from '../../../src/core/match/explain.ts'
import { type AuthoredFacts, type AuthoredRoute, requestOf, routesOf } from './routes.ts'

function explain(routes: Readonly<Record<string, AuthoredRoute>>, facts: AuthoredFacts = {}) {
  return explainMatches(routesOf(routes), requestOf(facts))
}

it('tells of every enabled route, in order of precedence, what became of it', () => {
  const routes = {
    all: {},
    api: { match: { path: '/api/*' } },
    writes: { match: { path: '/api/*', methods: ['POST', 'PUT'] } },
    off: { match: { path: '/api/users' }, enabled: false },
    health: { match: { path: '/api/health', hosts: ['internal.example.com'] } },
  }
  expect(explain(routes, { path: '/api/users' })).toEqual([
    {
      route: 'health',
      verdict: 'unmet',
      words:
        'host is www.example.com, not internal.example.com, and path is "/api/users", not /api/health',
    },
    { route: 'writes', verdict: 'unmet', words: 'method is GET, not POST or PUT' },
    { route: 'api', verdict: 'matched', words: 'every condition holds' },
    {
      route: 'all',
      verdict: 'shadowed',
      words: 'would match, but api goes first: it has more of its path before the first wildcard',
    },
  ])
})

it('names the match of several, and what each of them lacks', () => {
  const match = [{ path: '/a' }, { path: '/b', methods: ['GET'] }]
  expect(explain({ both: { match } }, { path: '/b' })).toEqual([
    { route: 'both', verdict: 'matched', words: 'match 2 of 2: every condition holds' },
  ])
  expect(explain({ both: { match } }, { path: '/b', method: 'PUT' })).toEqual([
    {
      route: 'both',
      verdict: 'unmet',
      words: 'match 1: path is "/b", not /a; match 2: method is PUT, not GET',
    },
  ])
})

it('says that the alphabet decided when nothing else did', () => {
  expect(explain({ b: {}, a: {} })).toEqual([
    { route: 'a', verdict: 'matched', words: 'every condition holds' },
    {
      route: 'b',
      verdict: 'shadowed',
      words: 'would match, but a goes first: it comes first in the alphabet',
    },
  ])
})

it('never shows the value of a cookie or of a header that holds credentials', () => {
  const routes = {
    basic: { match: { headers: { authorization: { prefix: 'Basic ' } } } },
    beta: { match: { cookies: { beta: '1' } } },
  }
  const facts = { headers: { authorization: 'Bearer s3cret' }, cookies: { beta: 's3cret' } }
  expect(explain(routes, facts).map(({ words }) => words)).toEqual([
    'header authorization is present, not starting with "Basic "',
    'cookie beta is present, not "1"',
  ])
})
