import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { mainPool, request, type Rig, startRig, TO_MAIN } from './rig.ts'

let rig: Rig

beforeAll(async () => {
  rig = await startRig((url) => ({
    settings: { adminHost: 'admin.example.com', forwarding: ['x-forwarded', 'forwarded'] },
    pools: mainPool(url),
    routes: {
      own: { match: { hosts: ['own.example.com'] }, respond: { status: 299 } },
      below: { match: { hosts: ['*.below.example.com'] }, respond: { status: 298 } },
      rest: { steer: TO_MAIN },
    },
  }))
})
afterAll(() => rig.stop())

describe('a host', () => {
  test.each([
    ['in any case', 'OWN.Example.COM', 299],
    ['with a port', 'own.example.com:8080', 299],
    ['with an empty port', 'own.example.com:', 299],
    ['with the dot of the root', 'own.example.com.', 299],
    ['that is another', 'own.example.com.evil.example', 200],
    ['with a name before it', 'x.own.example.com', 200],
    ['below a suffix', 'A.b.below.example.com:1', 298],
    ['that is the suffix itself', 'below.example.com', 200],
    ['that only ends like the suffix', 'evilbelow.example.com', 200],
  ])('%s is matched by its name [RFC 9110 §4.2.3, §7.2]', async (_, host, wanted) => {
    const got = await rig.exchange(request('GET /', [`Host: ${host}`]))
    // An empty port is allowed by RFC 3986 §3.2.3; to refuse it is safe, to route it elsewhere is not.
    const allowed = host.endsWith(':') ? [wanted, 400] : [wanted]
    expect(allowed).toContain(got.status)
  })

  test('is passed on in X-Forwarded-Host and Forwarded as the client wrote it [RFC 7239 §5.3]', async () => {
    const got = await rig.exchange(request('GET /', ['Host: WWW.Example.com:8080']))
    expect([got.sent('x-forwarded-host'), got.sent('forwarded')]).toEqual([
      ['WWW.Example.com:8080'],
      ['for=unknown;host="WWW.Example.com:8080";proto=http'],
    ])
  })
})

/** What stands in a Host and is no `uri-host [ ":" port ]`, or what an origin might read as another. */
const ODD_HOSTS = [
  'own.example.com/',
  'www.example.com/admin',
  'user@own.example.com',
  'own.example.com@evil.example',
  'a b',
  'a\tb',
  'a,b',
  'own.example.com, evil.example',
  'own.example.com?x',
  'own.example.com#x',
  'own.example.com\\x',
  'a:b',
  'a:99999',
  'a:80:80',
  '[::1',
  '::1',
  '[evil.example]',
  '<script>',
  '"quoted"',
  "a'b",
  '${jndi:ldap://x}',
  'a%2fb',
  'a%00b',
  'caf\u00e9.example',
  '*',
  '',
]

describe('a Host that is none', () => {
  test.each(ODD_HOSTS)('is refused: %j [RFC 9112 §3.2]', async (host) => {
    const got = await rig.exchange(request('GET /', [`Host: ${host}`]))
    expect([got.status, got.arrived]).toEqual([400, []])
  })

  test.each([
    ['two that differ', ['Host: www.example.com', 'Host: own.example.com']],
    ['two that agree', ['Host: www.example.com', 'Host: www.example.com']],
    ['one with a space before its colon', ['Host : own.example.com', 'X-A: 1']],
  ])('is refused where it should stand once: %s [RFC 9112 §3.2]', async (_, headers) => {
    const got = await rig.exchange(request('GET /', headers))
    expect([got.status, got.arrived]).toEqual([400, []])
  })

  test('is refused where there should be one: HTTP/1.1 without Host [RFC 9112 §3.2]', async () => {
    const got = await rig.exchange('GET / HTTP/1.1\r\nX-A: 1\r\n\r\n')
    expect([got.status, got.arrived]).toEqual([400, []])
  })
})

describe('other names for the host', () => {
  test.each([
    'X-Forwarded-Host',
    'X-Host',
    'X-Original-Host',
    'X-HTTP-Host-Override',
    'Forwarded',
    'HTTP_HOST',
  ])('%s does not choose the route [RFC 9110 §7.2]', async (name) => {
    const value = name === 'Forwarded' ? 'host=own.example.com' : 'own.example.com'
    const got = await rig.exchange(request('GET /', [`${name}: ${value}`]))
    expect(got.status).toBe(200)
  })
})

describe('the prefix of the router, bound to one host', () => {
  test.each([
    ['that host', 'admin.example.com', true],
    ['that host in another case and with a port', 'ADMIN.example.com:8443', true],
    ['another', 'www.example.com', false],
    ['one that only begins so', 'admin.example.com.evil.example', false],
  ])('answers for %s as it should [RFC 9110 §7.2]', async (_, host, isAnswered) => {
    const got = await rig.exchange(request('GET /_portolan/health/live', [`Host: ${host}`]))
    expect([got.status, got.arrived.length]).toEqual([200, isAnswered ? 0 : 1])
  })
})
