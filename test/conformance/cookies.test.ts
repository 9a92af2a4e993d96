import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { replyRaw } from '../support/raw-scripts.ts'
import { mainPool, request, type Rig, startRig, TO_MAIN } from './rig.ts'

let rig: Rig

beforeAll(async () => {
  rig = await startRig((url) => ({
    pools: mainPool(url),
    routes: {
      rest: { steer: TO_MAIN },
      exposed: { match: { path: '/exposed' }, steer: TO_MAIN, expose: true },
      changed: {
        match: { path: '/changed' },
        steer: TO_MAIN,
        responseHeaders: { set: { 'x-changed': '1' } },
      },
      added: {
        match: { path: '/added' },
        steer: TO_MAIN,
        responseHeaders: { add: { 'set-cookie': 'router=1; Secure' } },
      },
      watched: { match: { path: '/watched' }, steer: TO_MAIN, timeouts: { idle: '10s' } },
      removed: {
        match: { path: '/removed' },
        steer: TO_MAIN,
        responseHeaders: { remove: ['Set-Cookie'] },
      },
      beta: { match: { path: '/match', cookies: { beta: '1' } }, respond: { status: 299 } },
    },
  }))
})
afterAll(() => rig.stop())

/** With a comma in a date, two of one name, one without a value, and one that looks like two. */
const COOKIES = [
  'a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT; Path=/',
  'b=2; HttpOnly; SameSite=None; Secure; Partitioned',
  'a=3; Max-Age=0',
  'empty=',
  '__Host-c="x,y=z"; Path=/',
]

const ANSWER = `HTTP/1.1 200 OK\r\nSet-Cookie: ${COOKIES[0]}\r\nX-Between: 1\r\n${COOKIES.slice(1)
  .map((cookie) => `set-cookie: ${cookie}\r\n`)
  .join('')}Connection: keep-alive\r\nContent-Length: 2\r\n\r\nok`

describe('Set-Cookie', () => {
  test.each([
    ['as the origin sent it', '/', COOKIES],
    ['rebuilt to say where it came from', '/exposed', COOKIES],
    ['rebuilt to change its headers', '/changed', COOKIES],
    ['with a cookie of the router added', '/added', [...COOKIES, 'router=1; Secure']],
    ['with its body watched', '/watched', COOKIES],
    ['without cookies, as the route asks', '/removed', []],
  ])(
    'stays one field per cookie, in order, in an answer %s [RFC 6265 §3, §4.1.1]',
    async (_, path, wanted) => {
      rig.origin.play(replyRaw(ANSWER))
      const got = await rig.exchange(request(`GET ${path}`))
      expect(got.values('set-cookie')).toEqual(wanted)
    },
  )
})

describe('Cookie', () => {
  test('reaches the origin as it was sent [RFC 6265 §4.2.1]', async () => {
    const got = await rig.exchange(request('GET /', ['Cookie: a=1; b="x y"; c=d=e; a=2']))
    expect(got.sent('cookie')).toEqual(['a=1; b="x y"; c=d=e; a=2'])
  })

  test.each([
    ['alone', 'beta=1', 299],
    ['among others', 'x=y;  beta=1 ; z', 299],
    ['in quotes', 'beta="1"', 299],
    ['the first of two', 'beta=1; beta=0', 299],
    ['the second of two', 'beta=0; beta=1', 200],
    ['the end of another name', 'not-beta=1', 200],
    ['in another case', 'Beta=1', 200],
    ['the value of another', 'x=beta=1', 200],
  ])('is matched by name and value: %s [RFC 6265 §5.4]', async (_, cookie, wanted) => {
    const got = await rig.exchange(request('GET /match', [`Cookie: ${cookie}`]))
    expect(got.status).toBe(wanted)
  })

  test('in several fields, which no client may send, is joined by the platform as any list [RFC 6265 §5.4]', async () => {
    const got = await rig.exchange(request('GET /', ['Cookie: a=1', 'Cookie: b=2']))
    expect(got.sent('cookie')).toEqual(['a=1, b=2'])
  })
})
