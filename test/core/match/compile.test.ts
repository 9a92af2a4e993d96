import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileMatches } from '../../../src/core/match/compile.ts'
import { type AuthoredRoute, requestOf, routesOf, takerOf } from './routes.ts'

describe('the table', () => {
  it('answers with the place of the route in the order, and which of its matches it was', () => {
    const { table, order } = compileMatches(
      routesOf({
        all: {},
        files: { match: [{ path: '/files/*' }, { path: '/downloads/*' }] },
      }),
    )
    expect(order).toEqual(['files', 'all'])
    expect(table.find(requestOf({ path: '/downloads/x' }))).toEqual({ route: 0, match: 1 })
    expect(table.find(requestOf({ path: '/files/x' }))).toEqual({ route: 0, match: 0 })
    expect(table.find(requestOf())).toEqual({ route: 1, match: 0 })
  })

  it.each([
    ['of that host', { hosts: ['www.example.com'], path: '/a/*' }, 'all'],
    ['of a name above it', { hosts: ['*.example.com'], path: '/a/*' }, 'all'],
    ['of any host', { path: '/a/*' }, 'guard'],
  ])('looks at the path for one route alone, %s', (_, match, elsewhere) => {
    const host = { match: { hosts: ['www.example.com'] } }
    const routes = { guard: { match, priority: 10 }, host, all: {} }
    expect(takerOf(routes, { path: '/a%2Fb' })).toBe('guard')
    expect(takerOf(routes, { path: '/b' })).toBe('host')
    expect(takerOf(routes, { path: '/a/b', host: 'a.org' })).toBe(elsewhere)
  })

  it('knows nothing of a disabled route', () => {
    const routes = { on: {}, off: { match: { path: '/a' }, enabled: false } }
    expect(compileMatches(routesOf(routes)).order).toEqual(['on'])
    expect(takerOf(routes, { path: '/a' })).toBe('on')
  })

  it('finds nothing where nothing matches, or where there is nothing', () => {
    expect(takerOf({ a: { match: { hosts: ['a.com'] } } }, { host: 'b.com' })).toBeUndefined()
    expect(takerOf({})).toBeUndefined()
  })

  it('goes on to the next route when a condition of the first does not hold', () => {
    const routes = {
      exact: { match: { hosts: ['a.com'], path: '/a/b', methods: ['PUT'] } },
      deeper: { match: { hosts: ['a.com'], path: '/a/b/*', headers: { 'x-a': '1' } } },
      prefix: { match: { hosts: ['a.com'], path: '/a/*', countries: ['DE'] } },
      suffix: { match: { hosts: ['*.com'], path: '/a/b', cookies: { c: '1' } } },
      rest: {},
    }
    const request = { host: 'a.com', path: '/a/b' }
    expect(takerOf(routes, { ...request, method: 'PUT' })).toBe('exact')
    expect(takerOf(routes, { ...request, headers: { 'x-a': '1' } })).toBe('deeper')
    expect(takerOf(routes, { ...request, client: { country: 'DE' } })).toBe('prefix')
    expect(takerOf(routes, { ...request, cookies: { c: '1' } })).toBe('suffix')
    expect(takerOf(routes, request)).toBe('rest')
  })

  it('keeps to a priority that lifts a broad route above narrow ones', () => {
    const routes = {
      page: { match: { hosts: ['a.com'], path: '/a/b' } },
      blocked: { match: { clients: ['192.0.2.0/24'] }, priority: 10 },
      maintenance: { match: { path: '/a/*', methods: ['POST'] }, priority: 5 },
      last: { match: { hosts: ['a.com'], path: '/a/b', methods: ['POST'] }, priority: -1 },
    }
    const request = { host: 'a.com', path: '/a/b' }
    const ip = '192.0.2.7'
    expect(takerOf(routes, request)).toBe('page')
    expect(takerOf(routes, { ...request, method: 'POST' })).toBe('maintenance')
    expect(takerOf(routes, { ...request, method: 'POST', client: { ip } })).toBe('blocked')
  })

  it('takes the most specific of the hosts that match', () => {
    const hosts = ['a.b.c.com', '*.b.c.com', '*.c.com', '*.com']
    const routes = Object.fromEntries(
      hosts.map((host, index) => [`r${index}`, { match: { hosts: [host] } }]),
    )
    const taker = (host: string) => takerOf({ ...routes, any: {} }, { host })
    expect(
      ['a.b.c.com', 'x.b.c.com', 'x.y.b.c.com', 'b.c.com', 'c.com', 'com', 'a.b.c.com.'].map(taker),
    ).toEqual(['r0', 'r1', 'r1', 'r2', 'r3', 'any', 'r0'])
  })

  it('lets no spelling of a path go around a rule for it', () => {
    const routes = { admin: { match: { path: '/admin/*' } }, rest: {} }
    for (const path of ['/admin', '/%61dmin/x', '/%61%64%6d%69%6E', '//admin/x', '/admin//']) {
      expect([path, takerOf(routes, { path })]).toEqual([path, 'admin'])
    }
    for (const path of ['/administrator', '/%2561dmin', '/Admin']) {
      expect([path, takerOf(routes, { path })]).toEqual([path, 'rest'])
    }
  })

  it('takes any host, path and value without an exception', () => {
    const routes: Record<string, AuthoredRoute> = {
      glob: { match: { path: '/*a*%*b*' } },
      scattered: { match: { path: '/**/a*/{x}/*' } },
      host: { match: { hosts: ['*.com'], clients: ['::/0'] } },
      names: { match: { headers: { constructor: { present: true } }, query: { valueOf: '1' } } },
    }
    const { table } = compileMatches(routesOf(routes))
    const noise = fc.string({ unit: fc.constantFrom('/', '%', '2', 'f', 'a', '*', '.', '\u0000') })
    const text = fc.oneof(noise, fc.string({ unit: 'binary' }))
    fc.assert(
      fc.property(text, text, text, (host, path, value) => {
        const request = { ...requestOf(), host, path, headers: { a: value }, client: { ip: value } }
        expect(() => table.find(request)).not.toThrow()
      }),
      { numRuns: 500 },
    )
  })

  it('stays within the stack and the tree for paths and hosts as long as a request may carry', () => {
    const deep = `${'/a'.repeat(500)}/*`
    const routes = { deep: { match: { path: deep } }, host: { match: { hosts: ['*.com'] } } }
    expect(takerOf(routes, { host: 'a.net', path: '/a'.repeat(8000) })).toBe('deep')
    expect(takerOf(routes, { host: 'a.net', path: '/'.repeat(16_000) })).toBeUndefined()
    expect(takerOf(routes, { host: `${'a.'.repeat(100)}com` })).toBe('host')
    expect(takerOf(routes, { host: `${'a.'.repeat(126)}com` })).toBeUndefined()
  })

  it('asks nothing of the routes of other hosts and paths', () => {
    const asking = { headers: { 'x-a': '1' } }
    const routes = Object.fromEntries(
      Array.from({ length: 1000 }, (_, index): [string, AuthoredRoute][] => [
        [`h${index}`, { match: { ...asking, hosts: [`h${index}.example.com`] } }],
        [`p${index}`, { match: { ...asking, path: `/p${index}/*` } }],
        [`q${index}`, { match: { ...asking, path: `/{x}/q${index}` } }],
      ]).flat(),
    )
    const { table } = compileMatches(routesOf(routes))
    let asked = 0
    const headers = new Proxy<Record<string, string>>(
      {},
      {
        getOwnPropertyDescriptor() {
          asked += 1
          return undefined
        },
      },
    )
    table.find({ ...requestOf({ host: 'h7.example.com', path: '/p7/q7' }), headers })
    expect(asked).toBe(3)
  })

  it('holds 10,000 routes and finds each', () => {
    const paths = ['/', '/api/*', '/users/{id}', '/static/*.png']
    const routes = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, index): [string, AuthoredRoute] => [
        `r${index}`,
        {
          match: {
            hosts: [`h${Math.floor(index / 40)}.example.com`],
            path: paths[index % 4] === '/' ? `/p${index}` : `/p${index}${paths[index % 4]}`,
          },
        },
      ]),
    )
    const { table, order } = compileMatches(routesOf(routes))
    const requests = Array.from({ length: 10_000 }, (_, index) =>
      requestOf({
        host: `h${Math.floor(index / 40)}.example.com`,
        path: `/p${index}${['', '/api/x/y', '/users/7', '/static/a.png'][index % 4]}`,
      }),
    )
    const found = requests.map((request) => order[table.find(request)?.route ?? -1])
    expect(found).toEqual(requests.map((_, index) => `r${index}`))
  })
})
