import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { connectRaw } from '../support/raw-client.ts'
import { replyRaw } from '../support/raw-scripts.ts'
import { mainPool, PLAIN_ANSWER, request, type Rig, startRig, TO_MAIN } from './rig.ts'

let rig: Rig

beforeAll(async () => {
  rig = await startRig((url) => ({
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

/** The origin's own Response, one rebuilt to change its headers, and one whose body is watched. */
const ROUTES = ['/', '/exposed', '/watched'] as const

describe('methods', () => {
  test.each([
    'GET',
    'POST',
    'PUT',
    'DELETE',
    'PATCH',
    'OPTIONS',
    'TRACE',
    'PROPFIND',
    'QUERY',
    'PURGE',
    'REPORT',
  ])('%s reaches the origin as it is [RFC 9110 §9.1]', async (method) => {
    const got = await rig.exchange(request(`${method} /a`))
    expect([got.status, got.arrived[0]?.method, got.arrived[0]?.target]).toEqual([
      200,
      method,
      '/a',
    ])
  })

  test.each(['get', 'Get', 'LINK', 'M-SEARCH', 'FOO'])(
    '%s, which the platform does not know, is answered 501 by the platform [RFC 9110 §9.1, §15.6.2]',
    async (method) => {
      const got = await rig.exchange(request(`${method} /a`))
      expect([got.status, got.arrived]).toEqual([501, []])
    },
  )

  test.each(['127.0.0.1:1', 'www.example.com:443'])(
    'CONNECT %s opens no tunnel [RFC 9110 §9.3.6]',
    async (target) => {
      const got = await rig.exchange(request(`CONNECT ${target}`))
      expect(got.status).toBeGreaterThanOrEqual(400)
      expect(got.arrived).toEqual([])
    },
  )

  test('OPTIONS * asks about the router and is answered by it [RFC 9110 §9.3.7]', async () => {
    const got = await rig.exchange(request('OPTIONS *'))
    expect([got.status, got.body, got.arrived]).toEqual([204, '', []])
  })

  test.each(ROUTES)(
    'the answer to HEAD has the length that GET would have and no body, through %s [RFC 9110 §9.3.2]',
    async (path) => {
      rig.origin.play(replyRaw('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nETag: "x"\r\n\r\n'))
      const got = await rig.exchange(request(`HEAD ${path}`))
      expect([
        got.arrived[0]?.method,
        got.values('content-length'),
        got.values('etag'),
        got.body,
      ]).toEqual(['HEAD', ['1000'], ['"x"'], ''])
    },
  )

  test.each(['GET', 'DELETE', 'OPTIONS'])(
    'a body of %s reaches the origin with its length [RFC 9110 §9.3.1, §9.3.5]',
    async (method) => {
      const got = await rig.exchange(request(`${method} /`, ['Content-Length: 5'], 'hello'))
      expect([got.sent('content-length'), got.arrived[0]?.body.toString()]).toEqual([
        ['5'],
        'hello',
      ])
    },
  )

  test('a POST without a body tells the origin that it has none [RFC 9110 §8.6]', async () => {
    const got = await rig.exchange(request('POST /', ['Content-Length: 0']))
    expect(got.sent('content-length')).toEqual(['0'])
  })
})

describe('expectations', () => {
  test('100-continue is answered here, before the body comes, and not passed on [RFC 9110 §10.1.1]', async () => {
    const client = await connectRaw(rig.url)
    const before = rig.origin.requests.length
    client.write(request('PUT /', ['Expect: 100-continue', 'Content-Length: 5']))
    await client.until(/^HTTP\/1\.1 100 Continue\r\n\r\n/)
    client.write('hello')
    await client.until(/\r\n\r\nHTTP\/1\.1 200 OK\r\n[^]*ok$/)
    client.reset()
    const [arrived] = rig.origin.requests.slice(before)
    expect([arrived?.body.toString(), /^expect:/im.test(arrived?.head ?? '')]).toEqual([
      'hello',
      false,
    ])
  })

  test('a body that comes without waiting for the 100 is taken as well [RFC 9110 §10.1.1]', async () => {
    const got = await rig.exchange(
      request('PUT /', ['Expect: 100-continue', 'Content-Length: 5'], 'hello'),
    )
    expect([got.status, got.arrived[0]?.body.toString()]).toEqual([200, 'hello'])
  })

  test('an expectation that nobody knows is not passed on [RFC 9110 §10.1.1]', async () => {
    const got = await rig.exchange(
      request('PUT /', ['Expect: x-other', 'Content-Length: 5'], 'hello'),
    )
    expect([got.status, got.sent('expect')]).toEqual([200, []])
  })
})

describe('ranges and conditions', () => {
  test('Range, If-Range and the conditions reach the origin [RFC 9110 §13.1, §14.2]', async () => {
    const fields = [
      'Range: bytes=0-4, 7-',
      'If-Range: "a"',
      'If-None-Match: "a", W/"b"',
      'If-Match: *',
      'If-Modified-Since: Tue, 15 Nov 1994 08:12:31 GMT',
      'If-Unmodified-Since: Tue, 15 Nov 1994 08:12:31 GMT',
    ]
    const got = await rig.exchange(request('GET /', fields))
    const names = fields.map((field) => field.slice(0, field.indexOf(':')))
    expect(names.map((name) => `${name}: ${got.sent(name).join('|')}`)).toEqual(fields)
  })

  test.each(ROUTES)(
    'a part of a body passes as 206, through %s [RFC 9110 §15.3.7]',
    async (path) => {
      rig.origin.play(
        replyRaw(
          'HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-4/10\r\nContent-Length: 5\r\n\r\nhello',
        ),
      )
      const got = await rig.exchange(request(`GET ${path}`, ['Range: bytes=0-4']))
      expect([
        got.status,
        got.values('content-range'),
        got.values('content-length'),
        got.body,
      ]).toEqual([206, ['bytes 0-4/10'], ['5'], 'hello'])
    },
  )

  test.each(ROUTES)(
    'a range that cannot be had passes as 416, through %s [RFC 9110 §15.5.17]',
    async (path) => {
      rig.origin.play(
        replyRaw(
          'HTTP/1.1 416 Range Not Satisfiable\r\nContent-Range: bytes */10\r\nContent-Length: 0\r\n\r\n',
        ),
      )
      const got = await rig.exchange(request(`GET ${path}`, ['Range: bytes=99-']))
      expect([got.status, got.values('content-range')]).toEqual([416, ['bytes */10']])
    },
  )
})

describe('answers without a body', () => {
  test.each([
    ['204 No Content', '/'],
    ['204 No Content', '/exposed'],
    ['204 No Content', '/watched'],
    ['304 Not Modified', '/'],
    ['304 Not Modified', '/exposed'],
    ['304 Not Modified', '/watched'],
  ])(
    '%s through %s has no body and keeps its fields [RFC 9110 §15.3.5, §15.4.5]',
    async (status, path) => {
      rig.origin.play(
        replyRaw(`HTTP/1.1 ${status}\r\nETag: "x"\r\nCache-Control: no-cache\r\n\r\n`),
      )
      const got = await rig.exchange(request(`GET ${path}`))
      expect([got.status, got.body, got.values('etag'), got.values('cache-control')]).toEqual([
        Number(status.slice(0, 3)),
        '',
        ['"x"'],
        ['no-cache'],
      ])
      expect(got.values('transfer-encoding')).toEqual([])
    },
  )

  test.each(ROUTES)('205 through %s says that it is empty [RFC 9110 §15.3.6]', async (path) => {
    rig.origin.play(replyRaw('HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n'))
    const got = await rig.exchange(request(`GET ${path}`))
    expect([got.status, got.values('content-length'), got.body]).toEqual([205, ['0'], ''])
  })
})

describe('redirects and upgrades of the origin', () => {
  test.each([301, 302, 303, 307, 308])(
    '%i is passed on and not followed [RFC 9110 §15.4]',
    async (status) => {
      rig.origin.play(
        replyRaw(
          `HTTP/1.1 ${status} Moved\r\nLocation: http://other.example/x\r\nContent-Length: 0\r\n\r\n`,
        ),
      )
      const got = await rig.exchange(request('GET /'))
      expect([got.status, got.values('location'), got.arrived.length]).toEqual([
        status,
        ['http://other.example/x'],
        1,
      ])
    },
  )

  test.each(['POST', 'PUT', 'DELETE', 'HEAD'])(
    '%s that asks for a WebSocket, which is not for it, stays what it is [RFC 9110 §7.8, RFC 6455 §4.1]',
    async (method) => {
      const handshake = ['Connection: Upgrade', 'Upgrade: websocket', 'Content-Length: 5']
      const got = await rig.exchange(request(`${method} /`, handshake, 'hello'))
      const [arrived] = got.arrived
      expect([arrived?.method, arrived?.body.toString(), got.sent('upgrade')]).toEqual([
        method,
        'hello',
        [],
      ])
    },
  )

  test('an upgrade to anything but a WebSocket is not asked of the origin [RFC 9110 §7.8]', async () => {
    const got = await rig.exchange(
      request('GET /', [
        'Connection: Upgrade, HTTP2-Settings',
        'Upgrade: h2c',
        'HTTP2-Settings: AAMAAABk',
      ]),
    )
    expect([
      got.status,
      got.sent('upgrade'),
      got.sent('http2-settings'),
      got.sent('connection'),
    ]).toEqual([200, [], [], []])
  })
})
