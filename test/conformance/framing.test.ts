import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { exchangeRaw } from '../support/raw-client.ts'
import { replyRaw } from '../support/raw-scripts.ts'
import { mainPool, PLAIN_ANSWER, request, type Rig, startRig, TO_MAIN } from './rig.ts'

let rig: Rig

beforeAll(async () => {
  rig = await startRig((url) => ({ pools: mainPool(url), routes: { rest: { steer: TO_MAIN } } }))
})
beforeEach(() => rig.origin.play(replyRaw(PLAIN_ANSWER)))
afterAll(() => rig.stop())

const CHUNKED = '5\r\nhello\r\n0\r\n\r\n'

describe('a body', () => {
  test('of known length goes on with that length [RFC 9112 §6.2]', async () => {
    const got = await rig.exchange(request('POST /', ['Content-Length: 5'], 'hello'))
    expect([
      got.sent('content-length'),
      got.sent('transfer-encoding'),
      got.arrived[0]?.body.toString(),
    ]).toEqual([['5'], [], 'hello'])
  })

  test.each(['POST', 'PUT'])(
    'of %s in chunks goes on in chunks, without their extensions [RFC 9112 §7.1]',
    async (method) => {
      const got = await rig.exchange(
        request(`${method} /`, ['Transfer-Encoding: chunked'], CHUNKED.replace('5', '5;x=y')),
      )
      expect([
        got.sent('content-length'),
        got.sent('transfer-encoding'),
        got.arrived[0]?.body.toString(),
      ]).toEqual([[], ['chunked'], 'hello'])
    },
  )

  test('with both framings goes by its chunks alone, and its connection ends [RFC 9112 §6.1, §6.3]', async () => {
    for (const method of ['POST', 'PUT']) {
      const got = await rig.exchange(
        request(`${method} /`, ['Content-Length: 3', 'Transfer-Encoding: chunked'], CHUNKED),
      )
      expect([
        got.sent('content-length'),
        got.arrived[0]?.body.toString(),
        got.values('connection'),
      ]).toEqual([[], 'hello', ['close']])
    }
  })

  test('with both framings hides no second request [RFC 9112 §11.2]', async () => {
    const before = rig.origin.requests.length
    const hidden = request('GET /hidden')
    const text = await exchangeRaw(
      rig.url,
      request('POST /', ['Content-Length: 5', 'Transfer-Encoding: chunked'], `0\r\n\r\n${hidden}`),
    )
    expect(text.match(/HTTP\/1\.1 /g)).toHaveLength(1)
    expect(rig.origin.requests.slice(before).map(({ target }) => target)).toEqual(['/'])
  })

  test('ends with its trailers, which are dropped [RFC 9110 §6.5.1, RFC 9112 §7.1.2]', async () => {
    const trailed = '5\r\nhello\r\n0\r\nX-Forwarded-For: 10.0.0.1\r\nX-Sum: 1\r\n\r\n'
    const got = await rig.exchange(
      request('POST /', ['Transfer-Encoding: chunked', 'Trailer: X-Sum'], trailed),
    )
    expect([got.status, got.arrived[0]?.body.toString(), got.arrived[0]?.trailers]).toEqual([
      200,
      'hello',
      '',
    ])
    expect([got.sent('x-sum'), got.sent('x-forwarded-for')]).toEqual([[], []])
  })
})

/** Messages that two readers could frame in two ways, or that are none. */
const MALFORMED: readonly (readonly [what: string, section: string, text: string])[] = [
  [
    'two lengths that differ',
    '§6.3',
    request('POST /', ['Content-Length: 5', 'Content-Length: 6'], 'hello!'),
  ],
  ['a list of lengths', '§6.3', request('POST /', ['Content-Length: 5, 5'], 'hello')],
  ['a signed length', '§6.3', request('POST /', ['Content-Length: +5'], 'hello')],
  ['a negative length', '§6.3', request('POST /', ['Content-Length: -1'], 'hello')],
  ['a length in hexadecimal', '§6.3', request('POST /', ['Content-Length: 0x5'], 'hello')],
  [
    'chunked that is not last',
    '§6.3',
    request('POST /', ['Transfer-Encoding: chunked, identity'], CHUNKED),
  ],
  [
    'chunked and another coding in two lines',
    '§6.3',
    request('POST /', ['Transfer-Encoding: chunked', 'Transfer-Encoding: identity'], CHUNKED),
  ],
  [
    'a coding that looks like chunked',
    '§6.1',
    request('POST /', ['Transfer-Encoding: xchunked', 'Content-Length: 5'], 'hello'),
  ],
  [
    'a space before the colon',
    '§5.1',
    request('POST /', ['Transfer-Encoding : chunked', 'Content-Length: 5'], 'hello'),
  ],
  ['a folded line', '§5.2', request('GET /', ['X-A: 1\r\n 2'])],
  ['a bare carriage return', '§2.2', request('GET /', ['X-A: 1\rX-B: 2'])],
  ['a zero byte', '§5.5', request('GET /', ['X-A: 1\0'])],
  [
    'chunks in HTTP/1.0',
    '§6.1',
    request('POST /', ['Transfer-Encoding: chunked'], CHUNKED).replace('HTTP/1.1', 'HTTP/1.0'),
  ],
  ['a field without a name', '§5', request('GET /', [': x'])],
  ['no version', '§3', 'GET /\r\nHost: www.example.com\r\n\r\n'],
]

describe('a message with', () => {
  test.each(MALFORMED)(
    '%s is refused by the platform, and its connection ends [RFC 9112 %s]',
    async (_, _section, text) => {
      const before = rig.origin.requests.length
      const answer = await exchangeRaw(rig.url, text)
      expect(answer).toMatch(/^HTTP\/1\.[01] 400 /)
      expect(answer.match(/HTTP\/1\.[01] /g)).toHaveLength(1)
      expect(rig.origin.requests.slice(before)).toEqual([])
    },
  )

  test('the same length twice is taken by the platform for one [RFC 9112 §6.3]', async () => {
    const got = await rig.exchange(
      request('POST /', ['Content-Length: 5', 'Content-Length: 5'], 'hello'),
    )
    expect([got.sent('content-length'), got.arrived[0]?.body.toString()]).toEqual([['5'], 'hello'])
  })
})

describe('a target', () => {
  test.each([
    ['an absolute form', 'http://www.example.com/a?b=c', '/a?b=c'],
    ['an absolute form without a path', 'http://www.example.com', '/'],
  ])('in %s goes on as path and query [RFC 9112 §3.2.2]', async (_, target, wanted) => {
    const got = await rig.exchange(request(`GET ${target}`))
    expect([got.status, got.arrived[0]?.target]).toEqual([200, wanted])
  })

  test('in absolute form goes by the Host beside it, since the platform keeps the other from the Worker [RFC 9112 §3.2.2]', async () => {
    const got = await rig.exchange(request('GET http://other.example/a'))
    // Matched and told by one and the same name: there is nothing to be dodged.
    expect(got.sent('x-forwarded-host')).toEqual(['www.example.com'])
  })

  test('without a slash reaches the Worker as / [RFC 9112 §3.2]', async () => {
    const got = await rig.exchange(request('GET admin'))
    expect(got.arrived[0]?.target).toBe('/')
  })

  test.each(['*', '?x', ''])(
    '%j is none, and the request is refused [RFC 9112 §3.2]',
    async (target) => {
      const got = await rig.exchange(request(`GET ${target}`))
      expect([got.status, got.arrived]).toEqual([400, []])
    },
  )

  test('keeps its query and its escapes as they were sent [RFC 9112 §3.2.1, RFC 3986 §6.2.2]', async () => {
    const target = "/a%2Fb/%7Ec;v=1/@x!$&'()*+,=:?q=%20+%2B&&=?/#".replace('#', '')
    const got = await rig.exchange(request(`GET ${target}`))
    expect(got.arrived[0]?.target).toBe(target)
  })
})

describe('versions', () => {
  test('a client of HTTP/1.0 is answered, and its connection ends [RFC 9112 §9.3]', async () => {
    const text = await exchangeRaw(rig.url, request('GET /').replace('HTTP/1.1', 'HTTP/1.0'))
    expect(text).toMatch(/^HTTP\/1\.[01] 200 /)
    expect(rig.origin.requests.at(-1)?.head).toMatch(/^GET \/ HTTP\/1\.1\r\n/)
  })

  test('requests that follow each other on a connection are answered in order [RFC 9112 §9.3.2]', async () => {
    const before = rig.origin.requests.length
    const text = await exchangeRaw(
      rig.url,
      request('GET /1') + request('GET /2', ['Connection: close']),
    )
    expect(text.match(/HTTP\/1\.1 200 /g)).toHaveLength(2)
    expect(rig.origin.requests.slice(before).map(({ target }) => target)).toEqual(['/1', '/2'])
  })
})
