import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AuthoredConfig } from '../../src/schema/config.ts'
import { mainPool, request, type Rig, startRig, TO_MAIN } from './rig.ts'

type Forwarding = NonNullable<NonNullable<AuthoredConfig['settings']>['forwarding']>

const rigs: Rig[] = []

/** One router for each choice of what origins are told. */
async function startTelling(forwarding?: Forwarding): Promise<Rig> {
  const rig = await startRig((url) => ({
    settings: forwarding ? { forwarding } : {},
    pools: mainPool(url),
    routes: {
      rest: { steer: TO_MAIN },
      renamed: { match: { path: '/renamed' }, steer: TO_MAIN, rewrite: { host: 'app.internal' } },
    },
  }))
  rigs.push(rig)
  return rig
}

let usual: Rig
let full: Rig
let silent: Rig

beforeAll(async () => {
  usual = await startTelling()
  full = await startTelling(['x-forwarded', 'x-real-ip', 'forwarded'])
  silent = await startTelling([])
})
afterAll(() => Promise.all(rigs.map((rig) => rig.stop())))

describe('Forwarded', () => {
  test.each([
    { what: 'IPv4', ip: '192.0.2.43', host: 'a.example', said: 'for=192.0.2.43;host=a.example' },
    {
      what: 'IPv6',
      ip: '2001:db8::17',
      host: 'a.example',
      said: 'for="[2001:db8::17]";host=a.example',
    },
    {
      what: 'a port',
      ip: '192.0.2.43',
      host: 'a.example:81',
      said: 'for=192.0.2.43;host="a.example:81"',
    },
    {
      what: 'an IPv6 host',
      ip: '192.0.2.43',
      host: '[2001:db8::1]',
      said: 'for=192.0.2.43;host="[2001:db8::1]"',
    },
  ])('says $what in its grammar [RFC 7239 §4, §5.3, §6]', async ({ ip, host, said }) => {
    const got = await full.exchange(request('GET /', [`Host: ${host}`, `CF-Connecting-IP: ${ip}`]))
    expect(got.sent('forwarded')).toEqual([`${said};proto=http`])
  })

  test('says unknown of a client without an address [RFC 7239 §6.2]', async () => {
    const got = await full.exchange(request('GET /'))
    expect(got.sent('forwarded')).toEqual(['for=unknown;host=www.example.com;proto=http'])
    expect([got.sent('x-forwarded-for'), got.sent('x-real-ip')]).toEqual([[], []])
  })

  test('takes the place of what the client said, which may be forged [RFC 7239 §8.1]', async () => {
    const got = await full.exchange(
      request('GET /', [
        'Forwarded: for=10.0.0.1;proto=https, for="[::1]"',
        'forwarded: for=10.0.0.2',
        'CF-Connecting-IP: 192.0.2.43',
      ]),
    )
    expect(got.sent('forwarded')).toEqual(['for=192.0.2.43;host=www.example.com;proto=http'])
  })

  test('says the host of a rewrite, as X-Forwarded-Host does [RFC 7239 §5.3]', async () => {
    const got = await full.exchange(request('GET /renamed'))
    expect([got.sent('forwarded'), got.sent('x-forwarded-host')]).toEqual([
      ['for=unknown;host=app.internal;proto=http'],
      ['app.internal'],
    ])
  })
})

describe('what origins are told', () => {
  const TOLD = [
    'forwarded',
    'x-forwarded-for',
    'x-forwarded-host',
    'x-forwarded-proto',
    'x-real-ip',
  ]

  test.each([
    [
      'by default',
      () => usual,
      [[], ['192.0.2.43'], ['www.example.com'], ['http'], ['192.0.2.43']],
    ],
    [
      'with all of settings.forwarding',
      () => full,
      [
        ['for=192.0.2.43;host=www.example.com;proto=http'],
        ['192.0.2.43'],
        ['www.example.com'],
        ['http'],
        ['192.0.2.43'],
      ],
    ],
    ['with none of it', () => silent, [[], [], [], [], []]],
  ] as const)(
    '%s is what settings.forwarding lists, whatever the client says [RFC 7239 §8.1]',
    async (_, rigOf, wanted) => {
      const got = await rigOf().exchange(
        request('GET /', [
          ...TOLD.map((name) => `${name}: 10.0.0.1`),
          'CF-Connecting-IP: 192.0.2.43',
        ]),
      )
      expect(TOLD.map((name) => got.sent(name))).toEqual(wanted)
    },
  )

  test('is an IPv6 address without brackets in X-Forwarded-For and X-Real-IP, as origins expect it [RFC 7239 §7.4]', async () => {
    const got = await usual.exchange(request('GET /', ['CF-Connecting-IP: 2001:db8::17']))
    expect([got.sent('x-forwarded-for'), got.sent('x-real-ip')]).toEqual([
      ['2001:db8::17'],
      ['2001:db8::17'],
    ])
  })
})

/** Names under which some origin or framework looks for the client, its host, its scheme or its path. */
const CLAIMS = [
  'Forwarded',
  'X-Forwarded-For',
  'X-Forwarded-Host',
  'X-Forwarded-Proto',
  'X-Forwarded-Port',
  'X-Forwarded-Prefix',
  'X-Forwarded-Scheme',
  'X-Forwarded-Server',
  'X-Forwarded-Ssl',
  'X-Forwarded-By',
  'X-Original-Forwarded-For',
  'X-Original-Host',
  'X-Original-URL',
  'X-Rewrite-URL',
  'X-Host',
  'X-Real-IP',
  'X-Client-IP',
  'X-Cluster-Client-IP',
  'True-Client-IP',
  'Client-IP',
  // Read as the same variable by CGI, WSGI and PHP.
  'X_Forwarded_For',
  'X-Forwarded_For',
  'X_Forwarded-For',
  'X_Forwarded_Host',
  'X_Forwarded_Proto',
  'X-Real_IP',
  'X_Real_IP',
  'X_Real-IP',
]

describe('a forged', () => {
  test.each(CLAIMS)(
    '%s does not reach the origin, sent once or twice, in any case [RFC 7239 §8.1]',
    async (name) => {
      for (const spelling of [name, name.toLowerCase(), name.toUpperCase()]) {
        for (const rig of [usual, silent]) {
          const got = await rig.exchange(
            request('GET /', [
              `${spelling}: 10.6.6.6`,
              `${spelling}:10.6.6.7`,
              'CF-Connecting-IP: 192.0.2.43',
            ]),
          )
          expect(got.arrived[0]?.head).not.toMatch(/10\.6\.6\./)
        }
      }
    },
  )

  test('portolan-facts neither counts nor reaches the origin of a deployed router', async () => {
    const got = await usual.exchange(request('GET /', ['portolan-facts: {"ip":"10.6.6.6"}']))
    expect([got.status, got.sent('portolan-facts'), got.sent('x-forwarded-for')]).toEqual([
      200,
      [],
      [],
    ])
  })
})
