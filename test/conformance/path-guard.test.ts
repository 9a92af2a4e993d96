import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { mainPool, request, type Rig, startRig, TO_MAIN } from './rig.ts'

let rig: Rig

beforeAll(async () => {
  rig = await startRig((url) => ({
    pools: mainPool(url),
    routes: {
      guard: { match: { path: '/admin/*' }, respond: { status: 403 } },
      exact: { match: { path: '/secret' }, respond: { status: 403 } },
      packages: { match: { path: '/packages/{name}' }, steer: TO_MAIN },
      app: {
        match: { path: '/app/*' },
        steer: TO_MAIN,
        rewrite: { path: { replacePrefix: '/' } },
      },
      rest: { steer: TO_MAIN },
    },
  }))
})
afterAll(() => rig.stop())

/** Spellings of a path below `/admin`, and who reads them so. */
const SPELLINGS: readonly (readonly [target: string, reader: string, section: string])[] = [
  ['/admin', 'everyone', '§6'],
  ['/admin/', 'everyone', '§6'],
  ['/admin/x?y', 'everyone', '§6'],
  ['/public/../admin/x', 'everyone', '§6.2.2.3'],
  ['/./admin/x', 'everyone', '§6.2.2.3'],
  ['/public/./.././admin', 'everyone', '§6.2.2.3'],
  ['/../admin/x', 'everyone', '§6.2.2.3'],
  ['/public/%2e%2e/admin/x', 'everyone', '§6.2.2.3'],
  ['/public/.%2E/admin/x', 'everyone', '§6.2.2.3'],
  ['/%61dmin/x', 'everyone', '§6.2.2.2'],
  ['/%61%64%6D%69%6e/x', 'everyone', '§6.2.2.2'],
  ['//admin/x', 'nginx and most file systems', '§6.2.3'],
  ['/admin//x', 'nginx and most file systems', '§6.2.3'],
  ['///admin', 'nginx and most file systems', '§6.2.3'],
  ['/\\admin/x', 'URL parsers of browsers, IIS', '§6.2.3'],
  ['/public\\..\\admin\\x', 'URL parsers of browsers, IIS', '§6.2.3'],
  ['/admin%2Fx', 'nginx, WSGI, PHP', '§2.2'],
  ['/admin%2fx', 'nginx, WSGI, PHP', '§2.2'],
  ['/%2Fadmin/x', 'nginx, WSGI, PHP', '§2.2'],
  ['/admin%5Cx', 'IIS', '§2.2'],
  ['/admin;a=b/x', 'Java servlets', '§3.3'],
  ['/admin;/x', 'Java servlets', '§3.3'],
  ['/;/admin/x', 'Java servlets', '§3.3'],
  ['http://www.example.com/x/../admin/x', 'everyone', '§6.2.2.3'],
]

/**
 * Paths whose dot segments only show once a reader decodes a slash or cuts at a ";". Readers differ on where these
 * lead, so no guard can be sure of them, and nobody sends them in good faith.
 */
const HIDDEN_DOTS: readonly (readonly [target: string, reader: string, section: string])[] = [
  ['/packages/..%2f..%2fsecret', 'nginx, WSGI, PHP', '§2.2'],
  ['/x/..%2fadmin/x', 'nginx, WSGI, PHP', '§2.2'],
  ['/x/%2e%2e%2fadmin/x', 'nginx, WSGI, PHP', '§2.2'],
  ['/x%2f..%2fadmin/x', 'nginx, WSGI, PHP', '§2.2'],
  ['/packages/..%2f..%2fadmin%2fx', 'nginx, WSGI, PHP', '§2.2'],
  ['/x%5C..%5cadmin%5Cx', 'IIS', '§2.2'],
  ['/x/..;/admin/x', 'Java servlets', '§3.3'],
  ['/x/..;a=b/admin/x', 'Java servlets', '§3.3'],
  ['/%2fadmin%2f..;%2f..%2fx', 'nginx, which does not know ";"', '§2.2'],
  ['/%2fadmin%2fy%5c..%2f..%2fx', 'nginx, which does not know "\\"', '§2.2'],
  ['/admin;x/..%2fy', 'Java servlets that keep "%2F"', '§3.3'],
  ['/app/..%2f..%2fadmin/x', 'nginx, WSGI, PHP', '§2.2'],
]

describe('a guard on /admin/*', () => {
  test.each(SPELLINGS)(
    'holds for %s, which is below /admin to %s [RFC 3986 %s]',
    async (target) => {
      const got = await rig.exchange(request(`GET ${target}`))
      expect([got.status, got.arrived]).toEqual([403, []])
    },
  )

  test.each(HIDDEN_DOTS)(
    'is not dodged by %s, which is guarded to %s [RFC 3986 %s]',
    async (target) => {
      const got = await rig.exchange(request(`GET ${target}`))
      expect([got.status === 400 || got.status === 403, got.arrived]).toEqual([true, []])
    },
  )

  test.each([
    '/administrator',
    '/x/admin',
    '/adm%69nx',
    '/%2561dmin/x',
    '/x?/../admin',
    '/packages/a%2Fadmin',
    '/admi/n',
    '/admin.html',
  ])('leaves %s alone, which is another path [RFC 3986 §6]', async (target) => {
    const got = await rig.exchange(request(`GET ${target}`))
    expect(got.status).toBe(200)
  })

  test('compares with case: an origin that does not must be guarded in its own case [RFC 3986 §6.2.2.1]', async () => {
    const got = await rig.exchange(request('GET /ADMIN/x'))
    expect(got.status).toBe(200)
  })
})

describe('an exact path', () => {
  test.each([
    '/secret',
    '/x/../secret',
    '/%73ecret',
    '//secret',
    '/secret;x',
    '/secret;%2Fy',
    '/secret?x',
  ])('is found as %s [RFC 3986 §6]', async (target) => {
    const got = await rig.exchange(request(`GET ${target}`))
    expect([got.status, got.arrived]).toEqual([403, []])
  })
})

describe('what is let through', () => {
  test.each([
    ['/packages/@scope%2Fname', '/packages/@scope%2Fname'],
    ['/a;v=1/b', '/a;v=1/b'],
    ['/a/%7Euser/%C3%A9', '/a/%7Euser/%C3%A9'],
    ['/a//b', '/a//b'],
    ['/a/./b/../c', '/a/c'],
    ['/a\\b', '/a/b'],
    ['/a%5Cb', '/a%5Cb'],
    ['/%', '/%'],
    ['/a?b=../c&d=%2e%2e', '/a?b=../c&d=%2e%2e'],
    ['/x#/../admin', '/x'],
  ])(
    'reaches the origin in the form that was judged: %s [RFC 3986 §6.2.2]',
    async (target, wanted) => {
      const got = await rig.exchange(request(`GET ${target}`))
      expect(got.arrived.map((arrived) => arrived.target)).toEqual([wanted])
    },
  )

  test.each([
    ['/app', '/'],
    ['/app/', '/'],
    ['/app/a/b?c', '/a/b?c'],
    ['//app//a', '//a'],
    ['/app/%2e%2e/app/a', '/a'],
    ['/app//evil.example/x', '//evil.example/x'],
    ['/%61pp/a', '/a'],
  ])(
    'goes to the origin alone when its prefix is rewritten: %s [RFC 3986 §5.2.4]',
    async (target, wanted) => {
      const got = await rig.exchange(request(`GET ${target}`))
      expect([got.arrived.map((arrived) => arrived.target), got.sent('host')]).toEqual([
        [wanted],
        [rig.origin.url.slice('http://'.length)],
      ])
    },
  )
})

describe('the prefix of the router', () => {
  test.each(['/_portolan/status', '/x/../_portolan/status', '/%2e/_portolan/status'])(
    'is closed without the token, and no origin sees it: %s [RFC 3986 §6.2.2.3]',
    async (target) => {
      const got = await rig.exchange(request(`GET ${target}`))
      expect([got.status, got.arrived]).toEqual([401, []])
    },
  )
})
