import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { send } from '../support/client.ts'
import { ADMIN_TOKEN } from '../support/router.ts'
import { mainPool, request, type Rig, startRig, TO_MAIN } from './rig.ts'

let rig: Rig

beforeAll(async () => {
  rig = await startRig((url) => ({
    pools: mainPool(url),
    routes: {
      moved: { match: { path: '/moved/*' }, redirect: { scheme: 'https' } },
      app: {
        match: { path: '/app/*' },
        steer: TO_MAIN,
        rewrite: { path: { replacePrefix: '/v2' } },
        requestHeaders: {
          set: { 'x-set': 'router' },
          add: { 'x-add': 'router' },
          remove: ['X-Gone'],
        },
      },
      rest: { steer: TO_MAIN },
    },
  }))
})
afterAll(() => rig.stop())

/** What would end a line and begin a field, were it ever decoded. */
const BREAKS = [
  '%0d%0aX-Evil:%201',
  '%0aX-Evil:1',
  '%0dX-Evil:1',
  '%E5%98%8A%E5%98%8DX-Evil:1',
  '%00X-Evil:1',
  '%u000aX-Evil:1',
]

describe('an encoded line break', () => {
  test.each(BREAKS)(
    '%s in a path stays encoded in a redirect [RFC 9110 §5.5, CWE-113]',
    async (text) => {
      const got = await rig.exchange(request(`GET /moved/${text}?${text}`))
      expect([got.values('x-evil'), got.values('location').length]).toEqual([[], 1])
      expect(got.values('location')[0]).toContain(text)
    },
  )

  test.each(BREAKS)(
    '%s in a path stays encoded on the way to the origin [RFC 9112 §3, CWE-113]',
    async (text) => {
      const got = await rig.exchange(request(`GET /app/${text}?${text}`))
      expect([got.sent('x-evil'), got.arrived[0]?.target]).toEqual([[], `/v2/${text}?${text}`])
    },
  )
})

describe('headers of a route', () => {
  test('replace, add to and remove what the client sent, in any spelling and number [RFC 9110 §5.1]', async () => {
    const got = await rig.exchange(
      request('GET /app/', [
        'X-SET: client',
        'x-set: again',
        'X-Add: client',
        'x-GONE: 1',
        'X-Gone: 2',
      ]),
    )
    expect([got.sent('x-set'), got.sent('x-add').join(', '), got.sent('x-gone')]).toEqual([
      ['router'],
      'client, router',
      [],
    ])
  })
})

/** Values of a configuration that would end a line or leave their place. */
const WRONG_ROUTES = [
  ['a header value', { steer: TO_MAIN, requestHeaders: { set: { 'x-a': 'a\r\nx-evil: 1' } } }],
  ['a header name', { steer: TO_MAIN, responseHeaders: { set: { 'x-a: 1\r\nx-evil': '1' } } }],
  ['a header to remove', { steer: TO_MAIN, requestHeaders: { remove: ['x a'] } }],
  ['the host of a redirect', { redirect: { host: 'a.example\r\nx-evil: 1' } }],
  ['the path of a redirect', { redirect: { path: '/a\r\nx-evil: 1' } }],
  ['the path of a redirect, with a space', { redirect: { path: '/a b' } }],
  ['the path of a redirect, without a slash', { redirect: { path: 'evil.example' } }],
  ['the query in the path of a redirect', { redirect: { path: '/a?b=c' } }],
  ['the host of a rewrite', { steer: TO_MAIN, rewrite: { host: 'a.example/x' } }],
  ['the path of a rewrite', { steer: TO_MAIN, rewrite: { path: { replaceFull: '/a\nb' } } }],
  [
    'the query in the path of a rewrite',
    { steer: TO_MAIN, rewrite: { path: { replaceFull: '/a?b' } } },
  ],
  ['a header of a fixed answer', { respond: { headers: { 'x-a': 'a\0b' } } }],
] as const

describe('a configuration', () => {
  test.each(WRONG_ROUTES)(
    'that breaks out of its place by %s is not accepted [RFC 9110 §5.5]',
    async (_, route) => {
      const put = await send(`${rig.url}/_portolan/v1/config?dryRun=true`, {
        method: 'PUT',
        headers: [
          ['Authorization', `Bearer ${ADMIN_TOKEN}`],
          ['Content-Type', 'application/json'],
        ],
        body: JSON.stringify({ pools: mainPool(rig.origin.url), routes: { wrong: route } }),
      })
      expect([put.status >= 400 && put.status < 500, put.text.includes('/routes/wrong')]).toEqual([
        true,
        true,
      ])
    },
  )
})
