import { describe, expect, it } from 'vitest'
import { adminPrefixOf } from '../../src/proxy/admin-prefix.ts'
import { toIncoming } from '../../src/proxy/incoming.ts'
import { refuse, refuseMistake } from '../../src/proxy/refuse.ts'
import { redirect, respond } from '../../src/proxy/respond.ts'
import { parseRetryAfter } from '../../src/outbound/retry-after.ts'
import { Settings } from '../../src/schema/config.ts'
import type { Route } from '../../src/schema/route.ts'
import { snapshotOf } from '../support/builders.ts'
import { configOf, type Difference, NOW_MS, requestOf, urlOf } from './builders.ts'

function routeOf(route: NonNullable<Difference['route']>): Route {
  const [compiled] = snapshotOf({
    ...configOf(),
    routes: { all: route.steer || route.respond || route.redirect ? route : steered(route) },
  }).routes
  if (!compiled) throw new Error('no route')
  return compiled.route
}

function steered(route: NonNullable<Difference['route']>) {
  return { steer: { policy: 'failover' as const, pools: ['main'] }, ...route }
}

describe('an answer of an origin', () => {
  const [origin] = snapshotOf(configOf()).origins

  function passed(response: Response, route: NonNullable<Difference['route']> = {}): Response {
    if (!origin) throw new Error('no origin')
    const outcome = { type: 'answer', origin, latencyMs: 12, attempts: 2 } as const
    const { status } = response
    return toIncoming(response, routeOf(route), { requestId: 'r', outcome: { ...outcome, status } })
  }

  it.each([{}, { connection: 'keep-alive' }, { connection: 'close', 'x-a': 'b' }])(
    'is passed on as it is where nothing changes: %j',
    (headers) => {
      const response = new Response('x', { headers })
      expect(passed(response)).toBe(response)
    },
  )

  it('loses what its connection nominates, and keeps every cookie', () => {
    const headers = new Headers({ connection: 'keep-alive, x-hop', 'x-hop': '1', 'x-end': '2' })
    headers.append('set-cookie', 'a=1')
    headers.append('set-cookie', 'b=2')
    const response = passed(new Response('x', { headers }))
    expect([...response.headers.getSetCookie()]).toEqual(['a=1', 'b=2'])
    expect([response.headers.has('x-hop'), response.headers.get('x-end')]).toEqual([false, '2'])
  })

  it.each([
    [{}, 'private'],
    [{ 'cache-control': 'public, max-age=60' }, 'public, max-age=60, private'],
    [{ 'cache-control': 'max-age=60, Private' }, 'max-age=60, Private'],
    [{ 'cache-control': 'no-store' }, 'no-store'],
    // Of one header alone, which is not the cookie (RFC 9111 §5.2.2.7), or of none.
    [
      { 'cache-control': 'private="x-user", s-maxage=60' },
      'private="x-user", s-maxage=60, private',
    ],
    [{ 'cache-control': 'x-private=1' }, 'x-private=1, private'],
    // To whom these speak, that one says nothing (RFC 9213 §2.2).
    [{ 'cdn-cache-control': 'max-age=60', 'surrogate-control': 'max-age=60' }, 'private'],
  ])('is for one client alone with a cookie of affinity: %j', (headers, control) => {
    const outcome = {
      type: 'answer',
      origin: origin!,
      latencyMs: 1,
      attempts: 1,
      status: 200,
    } as const
    const changes = { cookies: ['portolan-all=x'], strips: undefined }
    const origination = { requestId: 'r', outcome, changes }
    const told = toIncoming(new Response('x', { headers }), routeOf({}), origination).headers
    expect(told.get('cache-control')).toBe(control)
    expect([told.get('cdn-cache-control'), told.get('surrogate-control')]).toEqual([null, null])
    expect(told.getSetCookie()).toEqual(['portolan-all=x'])
  })

  it('tells where it is from when the route says so', () => {
    const { headers } = passed(new Response('x', { headers: { 'server-timing': 'db;dur=3' } }), {
      expose: true,
    })
    expect(headers.get('portolan-origin')).toBe('a')
    expect(headers.get('x-request-id')).toBe('r')
    expect(headers.get('server-timing')).toBe('db;dur=3, origin;dur=12;desc="a", attempts;desc="2"')
  })

  it('is changed as the route says: removed, set, added', () => {
    const responseHeaders = { remove: ['server'], set: { 'x-frame-options': 'DENY' } }
    const { headers } = passed(new Response('x', { headers: { server: 's' } }), { responseHeaders })
    expect([headers.has('server'), headers.get('x-frame-options')]).toEqual([false, 'DENY'])
  })
})

describe('the fixed answer of a route', () => {
  it.each([
    [200, 'hello', 'hello'],
    [204, 'ignored', ''],
    [304, '', ''],
  ])('%i with %j has the body %j', async (...[status, body, text]) => {
    const answer = { status, body, headers: { 'x-a': '1' } }
    const response = respond(answer, routeOf({ respond: answer }))
    expect([response.status, await response.text(), response.headers.get('x-a')]).toEqual([
      status,
      text,
      '1',
    ])
  })
})

describe('a redirect', () => {
  it.each([
    [{}, 'https://www.example.com:8443/a?b=c'],
    [{ query: 'drop' as const }, 'https://www.example.com:8443/a'],
    [{ path: '/new' }, 'https://www.example.com:8443/new?b=c'],
    [{ scheme: 'http' as const }, 'http://www.example.com/a?b=c'],
    [{ host: 'new.example.com' }, 'https://new.example.com/a?b=c'],
  ])('%j goes to %s', (to, location) => {
    const route = routeOf({ redirect: to })
    const url = urlOf(new Request('https://www.example.com:8443/a?b=c'))
    if (!route.redirect) throw new Error('no redirect')
    expect(redirect(route.redirect, route, url).headers.get('location')).toBe(location)
  })
})

describe('a refusal', () => {
  it('is a problem with its reason and the id of the request', async () => {
    const reason = { type: 'no-origin', route: 'api', excluded: 3, retryAfterMs: 9500 } as const
    const response = refuse(reason, 'request-1')
    expect(response.status).toBe(503)
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      'retry-after': '10',
      'x-request-id': 'request-1',
    })
    expect(await response.json()).toEqual({
      type: 'urn:portolan:problem:no-origin',
      title: 'No origin may serve',
      status: 503,
      detail: 'None of the 3 origins of route "api" may serve now.',
      instance: 'request-1',
      reason: 'no-origin',
    })
  })

  it('says nothing of a mistake but its id', async () => {
    const problem = await refuseMistake('request-1').json()
    expect(problem).toMatchObject({ status: 500, reason: 'internal', instance: 'request-1' })
  })
})

it.each([
  [null, 0],
  ['5', 5000],
  [' 0 ', 0],
  ['-1', 0],
  ['soon', 0],
  [new Date(NOW_MS + 7000).toUTCString(), 7000],
  [new Date(NOW_MS - 7000).toUTCString(), 0],
])('Retry-After %j is a pause of %i ms', (value, ms) => {
  expect(parseRetryAfter(value, NOW_MS)).toBe(ms)
})

it.each([
  ['/_portolan', {}, true],
  ['/_portolan/status', {}, true],
  ['/_portolans', {}, false],
  ['/a/_portolan/status', {}, false],
  ['/_portolan/status', { adminHost: 'admin.example.com' }, false],
  ['/_portolan/status', { adminHost: 'www.example.com' }, true],
  ['/_portolan/status', { prefix: '/ops' }, false],
])('%s with %j is for the router itself: %s', (path, settings, expected) => {
  const prefix = adminPrefixOf(urlOf(requestOf(path)), Settings.parse(settings))
  expect(prefix !== undefined).toBe(expected)
})
