import { describe, expect, it } from 'vitest'
import type { AuthoredConfig } from '../../src/schema/config.ts'
import { parseConfig } from '../../src/schema/parse-config.ts'
import { poolsOf } from '../support/builders.ts'

const steer = { policy: 'failover', pools: ['us'] } as const
const override = { mode: 'override', ttl: { default: '1m' } } as const

/** What is wrong with a cache, on a route that may say more. */
function problemsOf(cache: object, route: object = {}, settings: AuthoredConfig['settings'] = {}) {
  const routes = { shop: { steer, ...route, cache } }
  const { problems } = parseConfig({ pools: poolsOf({ us: ['us-1'] }), routes, settings })
  return problems.map(({ severity, path, message }) => {
    return `${severity} ${path.replace('/routes/shop/cache', '')}: ${message}`
  })
}

describe('a cache', () => {
  it.each([
    {},
    override,
    { mode: 'override', ttl: { negative: '1m' } },
    { mode: 'override', ttl: { statuses: { '4xx': '1m' } } },
    { key: { headers: ['accept-language', 'x-tenant'], cookies: ['theme'], country: true } },
    { ttl: { statuses: { 400: '1m' } }, armor: false },
    { setCookie: 'strip' },
    { tiers: { memory: false, colo: false, kv: false, shield: true } },
  ])('may be %j', (cache) => {
    expect(problemsOf(cache)).toEqual([])
  })

  it.each([
    [{}, { steer: undefined, respond: {} }, /^error : the route has "respond"/],
    [{}, { steer: undefined, redirect: {} }, /^error : the route has "redirect"/],
    [{ mode: 'override' }, {}, /^error \/ttl: "override" goes by "ttl" alone/],
    [{ key: { headers: ['Cookie'] } }, {}, /^error \/key\/headers\/0: "cookie" cannot be/],
    [{ key: { headers: ['a', 'Authorization'] } }, {}, /^error \/key\/headers\/1: "authorization"/],
    [{ key: { headers: ['accept-encoding'] } }, {}, /^error \/key\/headers\/0: "accept-encoding"/],
    [
      { key: { headers: ['if-none-match'] } },
      {},
      /^error \/key\/headers\/0: "if-none-match" is a q/,
    ],
    [
      { key: { headers: ['x-forwarded-for'] } },
      {},
      /^error \/key\/headers\/0: .*said by the router/,
    ],
    [{ key: { headers: ['cf-ipcountry'] } }, {}, /^error \/key\/headers\/0: /],
    [
      { key: { cookies: ['portolan-shop'] } },
      { affinity: { type: 'cookie' } },
      /^error \/key\/cookies\/0: .* affinity/,
    ],
  ])('is refused as %j with %j', (cache, route, problem) => {
    expect(problemsOf(cache, route)).toEqual([expect.stringMatching(problem)])
  })

  it.each([
    [{}, { match: { methods: ['POST'] } }, /^warning : the route takes neither GET nor HEAD/],
    [{ ...override, ttl: { default: '1m', heuristic: {} } }, {}, /^warning \/ttl\/heuristic: /],
    [{ ttl: { statuses: { 429: '1m' } } }, {}, /^warning \/ttl\/statuses\/429: .* never stored/],
    [{ ttl: { statuses: { 400: '1m' } } }, {}, /^warning \/ttl\/statuses\/400: the armor/],
    [{ key: { headers: ['user-agent'] } }, {}, /^warning \/key\/headers\/0: hardly two clients/],
    [{ setCookie: 'strip', key: { cookies: ['a'] } }, {}, /^warning \/setCookie: stored answers/],
    [{}, { affinity: { type: 'cookie' } }, /^warning : only requests that miss the cache/],
    [{}, { writes: { pool: 'us' } }, /^warning : who has written may read/],
    [
      { tiers: { memory: false, colo: false, kv: false } },
      {},
      /^warning \/tiers: there is no place/,
    ],
    [{ maxObjectBytes: 0 }, {}, /^warning \/maxObjectBytes: /],
  ])('is warned of as %j with %j', (cache, route, problem) => {
    expect(problemsOf(cache, route)).toEqual([expect.stringMatching(problem)])
  })

  it('is warned of where memory is its only place and has no bytes', () => {
    const tiers = { colo: false, kv: false }
    expect(problemsOf({ tiers }, {}, { cache: { memoryBytes: 0 } })).toEqual([
      expect.stringMatching(/^warning \/tiers: /),
    ])
    expect(problemsOf({ tiers })).toEqual([])
  })

  it('is refused beside data of a session, which tell the origin who a client is', () => {
    const affinity = { type: 'ip', store: 'durable', data: { secret: 'SESSION_SECRET' } }
    expect(problemsOf({}, { affinity })).toEqual([
      expect.stringMatching(/^error : "data" of its affinity tells origins/),
    ])
  })

  it('that is off may say anything', () => {
    const cache = { mode: 'off', key: { headers: ['cookie'] } }
    expect(problemsOf(cache, { steer: undefined, respond: {} })).toEqual([])
  })
})
