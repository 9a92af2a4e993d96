import * as z from 'zod'
import { boundedRecord } from './bounded-record.ts'
import { duration } from './duration.ts'
import { CookieName, HeaderMap, HostName } from './http.ts'
import { Id } from './id.ts'

/**
 * Settings that are checked in full, so that a configuration can be written now, and that this release
 * does not act on yet. `NOT_ACTED_ON` makes each use of them a warning, never a silence.
 */
export const NOT_ACTED_ON = {
  monitors: 'health is not probed yet; origins leave by passive ejection',
  ramps: 'recovered origins come back at once',
  affinity: 'clients are kept by the key of the policy ("client" or "session")',
  cache: 'nothing is cached yet',
  dns: 'no DNS record is written yet',
} as const

/** How an origin is probed. Defaults: interval 30 s, timeout 5 s, fall 3, as Route 53, HAProxy and Traefik. */
export const Monitor = z.strictObject({
  type: z.enum(['http', 'https', 'tcp']).default('http'),
  method: z.enum(['GET', 'HEAD', 'POST', 'OPTIONS']).default('GET'),
  path: z.string().max(2048).startsWith('/').default('/'),
  port: z.int().min(1).max(65_535).optional(),
  headers: HeaderMap.default({}),
  interval: duration({ min: '1s', max: '1h' }).prefault('30s'),
  timeout: duration({ min: '100ms', max: '1m' }).prefault('5s'),
  fall: z.int().min(1).max(100).default(3),
  rise: z.int().min(1).max(100).default(3),
  expect: z
    .strictObject({
      status: z
        .union([
          z.string().regex(/^[1-5]xx$/, { error: 'a class of statuses is written "2xx"' }),
          z.array(z.int().min(100).max(599)).min(1).max(32),
        ])
        .default('2xx'),
      body: z.string().max(4096).optional(),
    })
    .prefault({}),
  regions: z
    .array(z.enum(['wnam', 'enam', 'sam', 'weur', 'eeur', 'apac', 'oc', 'afr', 'me']))
    .min(1)
    .max(9)
    .default(['wnam', 'weur', 'apac'])
    .describe('Where probes come from: location hints of Durable Objects.'),
})

/** The steps by which a share comes back, and what each waits for (99 % of at least 100 requests: Flagger). */
export const Ramp = z.strictObject({
  steps: z
    .array(z.number().min(1).max(100))
    .min(1)
    .max(20)
    .default([10, 25, 50, 75, 100])
    .refine((steps) => steps.every((step, at) => at === 0 || step > (steps[at - 1] ?? 0)), {
      error: 'steps rise from one to the next',
    })
    .refine((steps) => steps.at(-1) === 100, { error: 'the last step is 100' }),
  dwell: duration({ min: '1s', max: '24h' }).prefault('5m'),
  gate: z
    .strictObject({
      minSamples: z.int().min(0).max(1_000_000).default(100),
      successRate: z.number().min(0).max(1).default(0.99),
      p95Ratio: z.number().min(1).max(100).default(1.5),
    })
    .prefault({}),
})

/** Keeping a client on its origin. Default of `ttl`: 23 h, as Cloudflare Load Balancing. */
export const Affinity = z.strictObject({
  type: z.enum(['cookie', 'ip-cookie', 'header', 'ip']),
  ttl: duration({ min: '1m', max: '7d' }).prefault('23h'),
  name: CookieName.optional(),
})

/** How the edge cache treats a route. */
export const RouteCache = z.strictObject({
  mode: z.enum(['off', 'standard', 'override']).default('standard'),
})

/** Records that DNS failover keeps. */
export const Dns = z.strictObject({
  records: boundedRecord(
    Id,
    z.strictObject({
      provider: z.enum(['cloudflare', 'route53', 'rfc2136', 'powerdns']),
      zone: HostName,
      name: HostName,
      type: z.enum(['A', 'AAAA', 'CNAME', 'SRV', 'TXT', 'HTTPS']),
      ttl: z.int().min(30).max(86_400).default(60),
      route: Id,
    }),
    { most: 500, plural: 'records' },
  ).default({}),
})
