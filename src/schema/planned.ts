import * as z from 'zod'
import { boundedRecord } from './bounded-record.ts'
import { duration } from './duration.ts'
import { CookieName, HostName } from './http.ts'
import { Id } from './id.ts'

/**
 * Settings that are checked in full, so that a configuration can be written now, and that this release
 * does not act on yet. `NOT_ACTED_ON` makes each use of them a warning, never a silence.
 */
export const NOT_ACTED_ON = {
  affinity: 'clients are kept by the key of the policy ("client" or "session")',
  cache: 'nothing is cached yet',
  dns: 'no DNS record is written yet',
} as const

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
