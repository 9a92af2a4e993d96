import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { replyRaw } from '../support/raw-scripts.ts'
import { mainPool, PLAIN_ANSWER, request, type Rig, startRig, TO_MAIN } from './rig.ts'

let rig: Rig

beforeAll(async () => {
  rig = await startRig((url) => ({
    settings: { name: 'edge' },
    pools: mainPool(url),
    routes: {
      rest: { steer: TO_MAIN },
      exposed: { match: { path: '/exposed' }, steer: TO_MAIN, expose: true },
      watched: { match: { path: '/watched' }, steer: TO_MAIN, timeouts: { idle: '10s' } },
    },
  }))
})
beforeEach(() => rig.origin.play(replyRaw(PLAIN_ANSWER)))
afterAll(() => rig.stop())

/** Fields that speak of one connection, each with a value that a peer might send. */
const HOP_BY_HOP = [
  ['Keep-Alive', 'timeout=5'],
  ['Proxy-Connection', 'keep-alive'],
  ['TE', 'trailers'],
  ['Trailer', 'X-Sum'],
  ['Upgrade', 'h2c'],
] as const

describe('on the way to the origin', () => {
  test.each([...HOP_BY_HOP, ['Proxy-Authorization', 'Basic eDp5'] as const])(
    '%s is not forwarded [RFC 9110 §7.6.1]',
    async (name, value) => {
      const got = await rig.exchange(request('GET /', [`${name}: ${value}`]))
      expect(got.status).toBe(200)
      expect(got.sent(name)).toEqual([])
    },
  )

  test('Connection and every field that it nominates are removed [RFC 9110 §7.6.1]', async () => {
    const got = await rig.exchange(
      request('GET /', [
        'Connection: X-One ,x-two',
        'connection: keep-alive',
        'X-One: 1',
        'X-Two: 2',
        'X-End: 3',
      ]),
    )
    expect(['connection', 'x-one', 'x-two', 'x-end'].map((name) => got.sent(name))).toEqual([
      [],
      [],
      [],
      ['3'],
    ])
  })

  test.each([
    ['Host', 'localhost', (rigOf: Rig) => rigOf.origin.url.slice('http://'.length)],
    ['Content-Length', '5', () => '5'],
    ['Content-Type', 'text/plain', () => 'text/plain'],
  ] as const)(
    'a nomination cannot take away %s, which frames the message or names its target [RFC 9110 §7.6.1]',
    async (name, _, wanted) => {
      const got = await rig.exchange(
        request(
          'PUT /',
          [`Connection: ${name}`, 'Content-Type: text/plain', 'Content-Length: 5'],
          'hello',
        ),
      )
      expect(got.arrived[0]?.body.toString()).toBe('hello')
      expect(got.sent(name)).toEqual([wanted(rig)])
    },
  )

  test('a nomination cannot take away what the router itself says [RFC 9110 §7.6.1]', async () => {
    const said = ['via', 'x-forwarded-for', 'x-forwarded-host', 'x-request-id']
    const got = await rig.exchange(
      request('GET /', [
        `Connection: ${said.join(', ')}`,
        'CF-Connecting-IP: 192.0.2.7',
        'X-Request-Id: given-1',
        'Via: 1.0 before',
      ]),
    )
    expect(said.map((name) => got.sent(name))).toEqual([
      ['1.0 before, 1.1 edge'],
      ['192.0.2.7'],
      ['www.example.com'],
      ['given-1'],
    ])
  })

  test('Via is added, behind those that are there, in one list [RFC 9110 §7.6.3]', async () => {
    const first = await rig.exchange(request('GET /'))
    const later = await rig.exchange(
      request('GET /', ['Via: 1.0 fred', 'Via: 1.1 p.example (x/1)']),
    )
    expect([first.sent('via'), later.sent('via')]).toEqual([
      ['1.1 edge'],
      ['1.0 fred, 1.1 p.example (x/1), 1.1 edge'],
    ])
  })

  test('a request that has its own name in Via is a loop and is refused [RFC 9110 §7.6.3]', async () => {
    const got = await rig.exchange(request('GET /', ['Via: 1.1 other, 2 edge (again)']))
    expect([got.status, got.arrived]).toEqual([508, []])
  })

  test('a name in Via that only contains its own is no loop [RFC 9110 §7.6.3]', async () => {
    const got = await rig.exchange(request('GET /', ['Via: 1.1 edge-2, 1.1 x (1.1 edge)']))
    expect(got.status).toBe(200)
  })

  test.each([
    ['OPTIONS', 204],
    ['TRACE', 405],
  ])(
    '%s with Max-Forwards: 0 is answered here with %i and goes no further [RFC 9110 §7.6.2]',
    async (method, status) => {
      const got = await rig.exchange(
        request(`${method} /`, ['Max-Forwards: 0', 'Cookie: a=secret']),
      )
      expect([got.status, got.body, got.arrived]).toEqual([status, '', []])
    },
  )

  test.each(['OPTIONS', 'TRACE'])(
    '%s with a higher Max-Forwards goes on with one less [RFC 9110 §7.6.2]',
    async (method) => {
      const got = await rig.exchange(request(`${method} /`, ['Max-Forwards: 7']))
      expect(got.sent('max-forwards')).toEqual(['6'])
    },
  )

  test.each(['abc', '-1', '1e3', '1, 2', '99999999999999999999'])(
    'a Max-Forwards that is no number of hops passes as it is: %s [RFC 9110 §7.6.2]',
    async (value) => {
      const got = await rig.exchange(request('OPTIONS /', [`Max-Forwards: ${value}`]))
      expect(got.sent('max-forwards')).toEqual([value])
    },
  )

  test('Max-Forwards of any other method means nothing [RFC 9110 §7.6.2]', async () => {
    const got = await rig.exchange(request('GET /', ['Max-Forwards: 0']))
    expect([got.status, got.sent('max-forwards')]).toEqual([200, ['0']])
  })

  test('unknown fields pass as they are, and repeated ones keep their order [RFC 9110 §5.1, §5.3]', async () => {
    const got = await rig.exchange(request('GET /', ['X-A: 1', 'x-b:  two  words ', 'X-A: 2']))
    expect([got.sent('x-a').join(', '), got.sent('x-b')]).toEqual(['1, 2', ['two  words']])
  })

  test('Host names the origin, and X-Forwarded-Host what the client asked for [RFC 9110 §7.2]', async () => {
    const got = await rig.exchange(request('GET /', ['Host: www.example.com:8443']))
    expect([got.sent('host'), got.sent('x-forwarded-host')]).toEqual([
      [rig.origin.url.slice('http://'.length)],
      ['www.example.com:8443'],
    ])
  })
})

describe('on the way to the client', () => {
  const routes = ['/', '/exposed', '/watched']

  test.each(
    HOP_BY_HOP.flatMap(([name, value]) => routes.map((path) => [name, path, value] as const)),
  )('%s of an answer is not forwarded, through %s [RFC 9110 §7.6.1]', async (name, path, value) => {
    rig.origin.play(
      replyRaw(`HTTP/1.1 200 OK\r\n${name}: ${value}\r\nX-End: 1\r\nContent-Length: 2\r\n\r\nok`),
    )
    const got = await rig.exchange(request(`GET ${path}`))
    expect([got.status, got.values(name), got.values('x-end')]).toEqual([200, [], ['1']])
  })

  test.each(routes)(
    'the challenge of a proxy behind is not forwarded, through %s [RFC 9110 §11.7.1]',
    async (path) => {
      rig.origin.play(
        replyRaw('HTTP/1.1 407 No\r\nProxy-Authenticate: Basic\r\nContent-Length: 2\r\n\r\nno'),
      )
      const got = await rig.exchange(request(`GET ${path}`))
      expect([got.status, got.values('proxy-authenticate')]).toEqual([407, []])
    },
  )

  test.each(routes)(
    'Connection of an answer and what it nominates are removed, through %s [RFC 9110 §7.6.1]',
    async (path) => {
      const lines =
        'Connection: x-hop, keep-alive\r\nconnection: X-Two\r\nX-Hop: 1\r\nX-Two: 2\r\nX-End: 3'
      rig.origin.play(replyRaw(`HTTP/1.1 200 OK\r\n${lines}\r\nContent-Length: 2\r\n\r\nok`))
      const got = await rig.exchange(request(`GET ${path}`))
      expect(['connection', 'x-hop', 'x-two', 'x-end'].map((name) => got.values(name))).toEqual([
        [],
        [],
        [],
        ['3'],
      ])
    },
  )

  test.each(routes)(
    'the fields that describe an answer pass untouched, through %s [RFC 9110 §6.6.1, §7.7]',
    async (path) => {
      const described = [
        ['Date', 'Tue, 15 Nov 1994 08:12:31 GMT'],
        ['Server', 'origin/1'],
        ['Via', '1.1 inner'],
        ['ETag', 'W/"1"'],
        ['Cache-Control', 'private, max-age=0'],
        ['Warning', '199 - "x"'],
        ['Content-Encoding', 'x-own'],
      ] as const
      const lines = described.map((field) => field.join(': ')).join('\r\n')
      rig.origin.play(replyRaw(`HTTP/1.1 200 OK\r\n${lines}\r\nContent-Length: 2\r\n\r\nok`))
      const got = await rig.exchange(request(`GET ${path}`))
      expect(described.map(([name]) => got.values(name))).toEqual(
        described.map(([, value]) => [value]),
      )
      expect(got.body).toBe('ok')
    },
  )
})
