import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseConfig } from '../../src/schema/parse-config.ts'
import { poolsOf } from '../support/builders.ts'

const pools = poolsOf({ us: ['us-1'] })
const steer = { policy: 'failover', pools: ['us'] }

/** The problems of a configuration, each as "path: message". */
function problemsOf(authored: unknown): string[] {
  return parseConfig(authored).problems.map(({ path, message }) => `${path}: ${message}`)
}

describe('parseConfig', () => {
  it('fills in defaults and parses durations once', () => {
    const parsed = parseConfig({ pools, routes: { web: { steer } } })
    expect(parsed).toMatchObject({
      ok: true,
      problems: [],
      config: {
        settings: { prefix: '/_portolan', name: 'portolan' },
        pools: { us: { minimumOrigins: 1, outlier: { consecutive: 5, ejection: 30_000 } } },
        routes: { web: { retry: { attempts: 3, budget: 0.2 }, timeouts: { firstByte: 30_000 } } },
      },
    })
  })

  it.each([
    [{ pool: {} }, ': Unrecognized key: "pool"'],
    [
      { routes: { web: {} } },
      '/routes/web: a route has exactly one of "steer", "respond" and "redirect"; this one has 0',
    ],
    [
      { pools, routes: { web: { steer: { policy: 'failover', pools: ['eu'] } } } },
      '/routes/web/steer/pools/eu: there is no pool "eu"',
    ],
    [
      { pools, routes: { web: { steer, mirror: { pool: 'eu' } } } },
      '/routes/web/mirror/pool: there is no pool "eu"',
    ],
    [
      { pools, routes: { web: { steer: { ...steer, fallback: 'eu' } } } },
      '/routes/web/steer/fallback: there is no pool "eu"',
    ],
    [
      { pools, routes: { web: { steer, panic: { rule: 'fallback' } } } },
      '/routes/web/panic/rule: the policy names no fallback pool',
    ],
    [
      { pools, routes: { web: { steer, rewrite: { path: { replacePrefix: '/b' } } } } },
      '/routes/web/rewrite/path: "replacePrefix" has no prefix of fixed length to replace',
    ],
    // Looked up by that name, any object would have one.
    [{ pools: { constructor: pools['us'] } }, '/pools/constructor: Invalid key in record'],
    [
      { pools: { a: pools['us'], b: pools['us'] } },
      '/pools/b/origins/us-1: origin "us-1" is in pool "a" too',
    ],
    [
      { pools: { a: { ...pools['us'], minimumOrigins: 2 } } },
      '/pools/a/minimumOrigins: "minimumOrigins" is 2, but the pool has 1',
    ],
    [
      { pools: { a: { origins: {} } } },
      '/pools/a/origins: there are no origins; name at least one',
    ],
    [
      { pools: { a: { origins: { x: { url: 'ftp://a' } } } } },
      '/pools/a/origins/x/url: an origin is "http://host[:port]" or "https://host[:port]", without path, query or credentials',
    ],
    [
      { pools: { a: { origins: { x: { url: 'http://a:70000' } } } } },
      '/pools/a/origins/x/url: an origin is "http://host[:port]" or "https://host[:port]", without path, query or credentials',
    ],
    [
      { pools: { a: { ...pools['us'], monitor: 'web' } } },
      '/pools/a/monitor: there is no monitor "web"',
    ],
    [
      { pools: { a: { ...pools['us'], recovery: 'slow' } } },
      '/pools/a/recovery: there is no ramp "slow"',
    ],
    [
      { pools, routes: { web: { steer, timeouts: { firstByte: '30' } } } },
      '/routes/web/timeouts/firstByte: a duration is a whole number and a unit: "250ms", "30s", "5m", "2h" or "1d"',
    ],
    [
      { pools, routes: { web: { steer, timeouts: { firstByte: '1ms' } } } },
      '/routes/web/timeouts/firstByte: a duration here lies between 10ms and 10m',
    ],
    [
      { pools, routes: { web: { steer, match: { path: '/a/**/b/**' } } } },
      '/routes/web/match/path: a path has "**" at most once',
    ],
    [
      { routes: { web: { respond: {}, mirror: { pool: 'us' } } }, pools },
      '/routes/web/mirror: "mirror" is for routes that steer',
    ],
    [
      { pools: { a: { ...pools['us'], outlier: { ejection: '10m' } } } },
      '/pools/a/outlier/maxEjection: "maxEjection" is shorter than "ejection"',
    ],
  ])('tells of %o where and what is wrong', (authored, problem) => {
    expect(problemsOf(authored)).toContain(problem)
  })

  it('gives a cure with every problem', () => {
    const { problems } = parseConfig({ pools, routes: { web: { steer: { policy: 'best' } } } })
    expect(problems).toEqual([
      {
        severity: 'error',
        path: '/routes/web/steer/policy',
        message: expect.any(String),
        cure: expect.stringContaining('"failover"'),
      },
    ])
  })

  it('warns of every setting that is without effect', () => {
    const parsed = parseConfig({
      pools,
      routes: { web: { steer, affinity: { type: 'cookie' } } },
      dns: {
        records: {
          apex: {
            provider: 'cloudflare',
            zone: 'example.com',
            name: 'example.com',
            type: 'A',
            route: 'web',
          },
        },
      },
    })
    expect(parsed.ok).toBe(true)
    expect(parsed.problems.map(({ severity, path }) => `${severity} ${path}`)).toEqual([
      'warning /dns/records',
    ])
  })

  it('answers any value with a configuration or with problems, and never throws', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const parsed = parseConfig(value)
        expect(parsed.ok || parsed.problems.length > 0).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  it('answers a broken configuration with problems that have path and cure', () => {
    const keys = [
      'pools',
      'routes',
      'us',
      'web',
      'origins',
      'steer',
      'match',
      'url',
      'weight',
      'policy',
      'path',
    ]
    const key = fc.constantFrom(...keys)
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { depthSize: 'small' },
        fc.jsonValue({ maxDepth: 1 }),
        fc.dictionary(key, tie('tree')),
      ),
    }))
    fc.assert(
      fc.property(tree, (value) => {
        for (const { path, cure } of parseConfig(value).problems) {
          expect(path === '' || path.startsWith('/')).toBe(true)
          expect(cure).not.toBe('')
        }
      }),
      { numRuns: 500 },
    )
  })
})
