import { describe, expect, it } from 'vitest'
import { parseConfig } from '../../src/schema/parse-config.ts'
import { poolsOf } from '../support/builders.ts'

const pools = poolsOf({ us: ['us-1'] })

function problemsOf(authored: unknown): string[] {
  return parseConfig(authored).problems.map(({ path, message }) => `${path}: ${message}`)
}

function many(count: number, value: unknown): Record<string, unknown> {
  return Object.fromEntries(Array.from({ length: count }, (_, at) => [`a${at + 1}`, value]))
}

describe('a name', () => {
  it.each([
    ['{"pools":{"__proto__":{}}}', '/pools/__proto__'],
    [
      '{"pools":{"us":{"origins":{"a":{"url":"http://a"},"__proto__":{}}}}}',
      '/pools/us/origins/__proto__',
    ],
    [
      '{"routes":{"a":{"respond":{"headers":{"__proto__":"x"}}}}}',
      '/routes/a/respond/headers/__proto__',
    ],
  ])('refuses a name that the schema would pass over in silence: %s', (text, path) => {
    expect(problemsOf(JSON.parse(text))).toEqual([
      `${path}: "__proto__" is no name for anything here`,
    ])
  })

  it.each([
    ['http://a..b'],
    ['https://a:0'],
    ['https://a:65536'],
    ['http://[::::]'],
    ['http://1.2.3'],
    ['http://300.1.1.1'],
    [`http://${'a.'.repeat(127)}a`],
    ['http://a/b'],
    ['http://u@a'],
  ])('refuses the origin %s, which no request could be sent to', (url) => {
    expect(problemsOf({ pools: { us: { origins: { a: { url } } } } })).toEqual([
      expect.stringMatching(/^\/pools\/us\/origins\/a\/url: an origin is /),
    ])
  })

  it.each([
    ['http://a'],
    ['https://A.example.com/'],
    ['http://my_service:8080'],
    ['http://10.0.0.1:80'],
    ['http://[2001:db8::1]:8443'],
    ['http://xn--bcher-kva.example'],
  ])('takes the origin %s', (url) => {
    expect(problemsOf({ pools: { us: { origins: { a: { url } } } } })).toEqual([])
  })

  it.each([' 64500', '1e3', '0x10', '007', '4294967296'])(
    'refuses the AS number %j, which no client has',
    (asn) => {
      const geo = { policy: 'geo', asns: { [asn]: ['us'] }, default: ['us'] }
      expect(problemsOf({ pools, routes: { a: { steer: geo } } })).toEqual([
        `/routes/a/steer/asns/${asn}: Invalid key in record`,
      ])
    },
  )
})

describe('a document without measure', () => {
  it('bounds every record', () => {
    const places = Object.fromEntries(Array.from({ length: 1025 }, (_, at) => [at + 1, ['us']]))
    const record = {
      provider: 'cloudflare',
      zone: 'a.b',
      name: 'a.b',
      type: 'A',
      route: 'a',
    }
    expect(
      problemsOf({
        $schema: 'x'.repeat(2049),
        monitors: { web: { headers: many(33, 'x') } },
        pools,
        routes: {
          geo: { steer: { policy: 'geo', asns: places, default: ['us'] } },
          split: { steer: { policy: 'weighted', weights: many(257, 1) } },
        },
        dns: { records: many(501, record) },
      }),
    ).toEqual([
      '/$schema: Too big: expected string to have <=2048 characters',
      '/monitors/web/headers: at most 32 headers',
      '/routes/geo/steer/asns: at most 1024 places',
      '/routes/split/steer/weights: at most 256 pools',
      '/dns/records: at most 500 records',
    ])
  })

  it('tells of a hostile document in few words', () => {
    const keys = Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [`key-${at}`, 1]))
    for (const authored of [
      keys,
      { ['x'.repeat(100_000)]: 1 },
      { pools: { ['x'.repeat(100_000)]: 1 } },
    ]) {
      const parsed = parseConfig(authored)
      expect(parsed.ok).toBe(false)
      expect(JSON.stringify(parsed.problems).length).toBeLessThan(4000)
    }
  })

  it('is not moved by depth', () => {
    let deep: unknown = 1
    for (let level = 0; level < 100_000; level += 1) deep = level % 2 ? [deep] : { a: deep }
    for (const authored of [deep, { pools: { a: deep } }, { routes: { a: { match: deep } } }]) {
      expect(parseConfig(authored).ok).toBe(false)
    }
  })
})
