import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { compileQuery, toCanonicalUrl } from '../../src/cache/policy/canonical.ts'
import { compile } from '../../src/core/compile.ts'
import { purgeOf } from '../../src/core/purge.ts'
import { parseRequestUrl } from '../../src/proxy/request-url.ts'
import { CacheKey } from '../../src/schema/cache-key.ts'
import { PurgeRow } from '../../src/schema/cache-purge.ts'
import { documentOf, poolsOf } from '../support/builders.ts'

// The URL that an operator types is the one that a client has asked for, or one that everybody takes for the same: what
// the client has made the cache store goes.

const pools = poolsOf({ us: ['us-1'] })
const steer = { policy: 'failover' as const, pools: ['us'] }

/** As clients send them: plain, encoded where it must be and where it need not, and badly. */
const texts = fc
  .array(
    fc.constantFrom(
      'a',
      'B',
      'utm_',
      'ü',
      '%',
      '%5F',
      '%5f',
      '%C3%BC',
      '%FF',
      '%2F',
      '%26',
      '%20',
      '+',
      '~',
      "'",
      '|',
      '.',
    ),
    { maxLength: 4 },
  )
  .map((parts) => parts.join(''))

const parameters = fc.array(
  fc
    .tuple(texts, fc.option(texts))
    .map(([name, value]) => (value === null ? name : `${name}=${value}`)),
  { maxLength: 4 },
)

const named = (...names: string[]) => names

const keys = fc.record({
  query: fc.oneof(
    fc.constantFrom<'all' | 'none'>('all', 'none'),
    fc.constant({ include: named('a', 'utm_*') }),
    fc.constant({ exclude: named('utm_*', 'B', 'ü') }),
  ),
  sortQuery: fc.boolean(),
  host: fc.constantFrom('request', 'cdn.example.com'),
  path: fc.constantFrom(undefined, '/index.html'),
})

const asked = fc.record({
  host: fc.constantFrom(
    'www.example.com',
    'WWW.example.com',
    'www.example.com.',
    'www.example.com:8443',
  ),
  path: fc.array(texts, { maxLength: 3 }).map((segments) => `/${segments.join('/')}`),
  parameters,
})

it('is met, however its client and the operator write it', () => {
  let met = 0
  fc.assert(
    fc.property(asked, keys, fc.nat(), (client, { path, ...rest }, turn) => {
      const key = { ...rest, ...(path !== undefined && { path }) }
      const toUrl = (host: string, query: readonly string[]) =>
        `https://${host}${client.path}${query.length > 0 ? `?${query.join('&')}` : ''}`
      const sent = parseRequestUrl(toUrl(client.host, client.parameters), new Headers())
      fc.pre(sent.ok)
      const stored = toCanonicalUrl(
        sent.url,
        { host: key.host, path },
        compileQuery(CacheKey.parse(key)),
      )
      // In another order, by another scheme, and with one more parameter where it makes no difference.
      const at = client.parameters.length === 0 ? 0 : turn % client.parameters.length
      const turned = [...client.parameters.slice(at), ...client.parameters.slice(0, at)]
      const more = typeof key.query === 'object' && 'exclude' in key.query ? ['utm_more=1'] : []
      const url = toUrl('www.EXAMPLE.com', [...turned, ...more]).replace('https', 'http')
      const row = PurgeRow.safeParse({ serial: 1, target: { url }, kind: 'hard' })
      fc.pre(row.success)
      const match = { hosts: ['www.example.com'] }
      const document = documentOf({
        pools,
        routes: { web: { match: [match], steer, cache: { key } } },
      })
      const { purges } = compile({ ...document, purges: [row.data] })
      const { host, path: storedPath, query } = stored
      const subject = { asOf: 0, route: 'web', host, path: storedPath, query, tags: [] }
      met += 1
      expect(purgeOf(purges, subject)).toBe('hard')
    }),
    { numRuns: 400 },
  )
  expect(met).toBeGreaterThan(300)
})
