import * as z from 'zod'
import { boundedRecord } from './bounded-record.ts'
import { HostName } from './http.ts'
import { Id } from './id.ts'

/**
 * Settings that are checked in full, so that a configuration can be written now, and that this release
 * does not act on yet. `NOT_ACTED_ON` makes each use of them a warning, never a silence.
 */
export const NOT_ACTED_ON = {
  cache: 'nothing is cached yet',
  dns: 'no DNS record is written yet',
} as const

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
