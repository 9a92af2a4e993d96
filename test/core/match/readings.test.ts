import { describe, expect, it } from 'vitest'
import { compileMatches } from '../../../src/core/match/compile.ts'
import { explainMatches } from '../../../src/core/match/explain.ts'
import { readingsOf } from '../../../src/core/match/normal.ts'
import { Route } from '../../../src/schema/route.ts'
import { factsOf } from '../../support/builders.ts'

const routes = {
  guard: Route.parse({ match: { path: '/admin/*' }, respond: { status: 403 } }),
  packages: Route.parse({ match: { path: '/packages/{name}' }, respond: {} }),
  rest: Route.parse({ respond: {} }),
}
const { table, order } = compileMatches(routes)

function routeOf(path: string): string | undefined {
  const matched = table.find(factsOf({ path }))
  return matched && order[matched.route]
}

describe('a path that origins read in two ways', () => {
  it.each([
    '/admin%2Fx',
    '/%2Fadmin/x',
    '/%2fadmin%2fx',
    '/admin%5Cx',
    '/admin\\x',
    '/x/..%2fadmin/x',
    '/x/%2e%2e%2fadmin/x',
    '/x%2f..%2fadmin/x',
    '/x%2f..%5cadmin',
    '/admin;a=b/x',
    '/admin;/x',
    '/x/..;/admin/x',
    '/.;/admin/x',
    '/%2fadmin%2f..;%2f..%2fsecret',
    '/%2fadmin%2fx%5c..%2f..%2fsecret',
    '/admin;x/..%2fy',
    '/admin;%2Fy',
  ])('does not dodge a guard: %s', (path) => {
    expect(routeOf(path)).toBe('guard')
    const told = explainMatches(routes, factsOf({ path }))
    expect(told.find(({ verdict }) => verdict === 'matched')?.route).toBe('guard')
  })

  it.each([
    ['/packages/@scope%2Fname', 'packages'],
    ['/packages/a;v=1', 'packages'],
    ['/admin%252Fx', 'rest'],
    ['/x/..%2f..%2f', 'rest'],
    ['/administration%2Fx', 'rest'],
  ])('still reaches the route that means it: %s', (path, route) => {
    expect(routeOf(path)).toBe(route)
  })

  it.each([
    ['/a/b', ['/a/b']],
    ['/a//b/', ['/a/b/']],
    ['/a%2Fb', ['/a%2Fb', '/a/b']],
    ['/a/;x/', ['/a/;x/', '/a/']],
    ['/a/b/..%2f', ['/a/b/..%2F', '/a/']],
    ['/..%2f..', ['/..%2F..', '/']],
    [
      '/a%2f%5cb;c',
      ['/a%2F\\b;c', '/a/\\b;c', '/a%2F/b;c', '/a/b;c', '/a%2F\\b', '/a/\\b', '/a%2F/b', '/a/b'],
    ],
  ])('is read in every mixture: %s', (path, readings) => {
    expect(readingsOf(path).map((segments) => `/${segments.join('/')}`)).toEqual(readings)
  })
})
