import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { mainPool, request, type Rig, startRig, TO_MAIN } from './rig.ts'

let rig: Rig

const STATUSES = [301, 302, 303, 307, 308] as const

beforeAll(async () => {
  rig = await startRig((url) => ({
    pools: mainPool(url),
    routes: {
      ...Object.fromEntries(
        STATUSES.map((status) => [
          `r${status}`,
          { match: { path: `/${status}/*` }, redirect: { status, path: '/new' } },
        ]),
      ),
      usual: { match: { path: '/usual/*' }, redirect: {} },
      secure: { match: { path: '/secure/*' }, redirect: { scheme: 'https', status: 308 } },
      moved: { match: { path: '/moved/*' }, redirect: { host: 'new.example.com' } },
      dropped: { match: { path: '/dropped/*' }, redirect: { path: '/', query: 'drop' } },
      cookie: {
        match: { path: '/cookie' },
        redirect: { path: '/' },
        responseHeaders: { add: { 'set-cookie': 'a=1', 'x-a': '1' } },
      },
      said: {
        match: { path: '/said' },
        respond: {
          status: 410,
          body: 'gone – for good',
          headers: { 'content-type': 'text/plain' },
        },
        responseHeaders: { set: { 'x-a': '1' } },
      },
      empty: { match: { path: '/empty' }, respond: { status: 204, body: 'never seen' } },
      unchanged: {
        match: { path: '/unchanged' },
        respond: { status: 304, body: 'never seen', headers: { etag: '"1"' } },
      },
      rest: { steer: TO_MAIN },
    },
  }))
})
afterAll(() => rig.stop())

describe('a redirect', () => {
  test.each(STATUSES)(
    'with %i has that status, its Location and no body [RFC 9110 §15.4]',
    async (status) => {
      for (const method of ['GET', 'POST', 'HEAD']) {
        const got = await rig.exchange(request(`${method} /${status}/a`, ['Content-Length: 0']))
        expect([got.status, got.values('location'), got.body, got.arrived]).toEqual([
          status,
          ['http://www.example.com/new'],
          '',
          [],
        ])
      }
    },
  )

  test.each([
    {
      what: 'keeps path, port and query unless told',
      url: 'http://www.example.com:8080/usual/a%2Fb?c=d&e',
      location: 'http://www.example.com:8080/usual/a%2Fb?c=d&e',
    },
    {
      what: 'keeps a query that is empty',
      url: 'http://www.example.com/usual/a?',
      location: 'http://www.example.com/usual/a?',
    },
    {
      what: 'to another scheme drops the port, which belonged to the old one',
      url: 'http://www.example.com:8080/secure/a?b',
      location: 'https://www.example.com/secure/a?b',
    },
    {
      what: 'to another host drops the port as well',
      url: 'http://www.example.com:8080/moved/a?b',
      location: 'http://new.example.com/moved/a?b',
    },
    {
      what: 'drops the query where told',
      url: 'http://www.example.com/dropped/a?b=c',
      location: 'http://www.example.com/',
    },
    {
      what: 'of an IPv6 host keeps its brackets',
      url: 'http://[2001:db8::1]:81/usual/a',
      location: 'http://[2001:db8::1]:81/usual/a',
    },
  ])('leads where the route says: $what [RFC 9110 §10.2.2]', async ({ url, location }) => {
    const [host = '', ...target] = url.slice('http://'.length).split(/(?=\/)/)
    const got = await rig.exchange(request(`GET ${target.join('')}`, [`Host: ${host}`]))
    expect(got.values('location')).toEqual([location])
  })

  test('carries the headers that the route adds [RFC 9110 §15.4]', async () => {
    const got = await rig.exchange(request('GET /cookie'))
    expect([got.values('set-cookie'), got.values('x-a')]).toEqual([['a=1'], ['1']])
  })
})

/** Targets that a browser might read as another host, were they taken over without thought. */
const ODD_TARGETS = [
  '//evil.example/secure/',
  '//secure//evil.example',
  '/secure//evil.example',
  '/secure/\\evil.example',
  '/\\evil.example/secure/x',
  '/secure/%5Cevil.example',
  '/secure/%2F%2Fevil.example',
  '/%2F%2Fevil.example/%2E%2E/secure/',
  '/secure/..//evil.example',
  '/secure/@evil.example',
  '/secure/https://evil.example',
  '/secure/%0d%0aLocation:%20https://evil.example',
  '/secure/%09//evil.example',
  '/secure/?//evil.example',
  'http://evil.example/secure/x',
]

describe('no redirect leads to a host of the client’s choice', () => {
  test.each(ODD_TARGETS)('by the target %s [RFC 9110 §17.1, CWE-601]', async (target) => {
    const got = await rig.exchange(request(`GET ${target}`))
    const hosts = got.values('location').map((location) => new URL(location).host)
    expect(hosts.filter((host) => host !== 'www.example.com')).toEqual([])
    expect(hosts.length).toBeLessThanOrEqual(1)
  })

  test.each([
    'evil.example/',
    'www.example.com@evil.example',
    'evil.example\\',
    'evil.example?',
    'evil.example#',
    'a b',
    '<x>',
  ])('by the Host %s [RFC 9112 §3.2, CWE-601]', async (host) => {
    const got = await rig.exchange(request('GET /secure/x', [`Host: ${host}`]))
    expect([got.status, got.values('location')]).toEqual([400, []])
  })
})

describe('a fixed answer', () => {
  test('has its status, headers and body, and nothing is asked of an origin [RFC 9110 §15]', async () => {
    const got = await rig.exchange(request('GET /said'))
    expect([got.status, got.values('content-type'), got.values('x-a'), got.arrived]).toEqual([
      410,
      ['text/plain'],
      ['1'],
      [],
    ])
    expect(Buffer.from(got.body, 'latin1').toString('utf8')).toBe('gone – for good')
  })

  test('to HEAD has the same head and no body [RFC 9110 §9.3.2]', async () => {
    const [get, head] = [
      await rig.exchange(request('GET /said')),
      await rig.exchange(request('HEAD /said')),
    ]
    expect([head.head, head.body]).toEqual([get.head, ''])
  })

  test('to a request with a body leaves the connection usable [RFC 9112 §9.3]', async () => {
    const got = await rig.exchange(request('POST /said', ['Content-Length: 5'], 'hello'))
    expect(got.status).toBe(410)
  })

  test.each([
    ['/empty', 204],
    ['/unchanged', 304],
  ])(
    'of %s has no body, whatever is configured [RFC 9110 §15.3.5, §15.4.5]',
    async (path, status) => {
      for (const method of ['GET', 'HEAD']) {
        const got = await rig.exchange(request(`${method} ${path}`))
        expect([got.status, got.body, got.values('transfer-encoding')]).toEqual([status, '', []])
      }
    },
  )
})
