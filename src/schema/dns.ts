import * as z from 'zod'
import { boundedRecord } from './bounded-record.ts'
import { DnsName, RECORD_LIMITS, RecordType } from './dns-record-set.ts'
import { DnsProvider } from './dns-provider.ts'
import { duration } from './duration.ts'
import { HostName } from './http.ts'
import { Id } from './id.ts'

/** Bounds of the records that DNS failover keeps. */
export const DNS_LIMITS = { records: 500, providers: 20, answers: 256, resolvers: 8 } as const

/** What one pool or origin is in DNS: values of the record's type, as a zone file writes them. */
const Answers = z
  .union([
    z
      .string()
      .min(1)
      .max(RECORD_LIMITS.value)
      .transform((value) => [value]),
    z.array(z.string().min(1).max(RECORD_LIMITS.value)).min(1).max(RECORD_LIMITS.values),
  ])
  .describe(
    'One value or several, as a zone file writes them: "192.0.2.1", "10 5 5060 sip.example.com".',
  )

/** One record that follows the health of a route. */
export const DnsRecord = z.strictObject({
  provider: Id.describe('The id of one of `dns.providers`.'),
  zone: HostName,
  name: DnsName.describe('The whole name, the zone included; it may begin with "*.".'),
  type: RecordType,
  route: Id.describe('The route whose pools it answers with, decided as its requests are.'),
  strategy: z
    .enum(['failover', 'all-healthy', 'weighted', 'geo'])
    .default('failover')
    .describe(
      '"failover": the pool that a request would go to. "all-healthy": every answer that is well, at most `most`. ' +
        '"weighted": by the weights of the route, natively where the provider has weights, by the number of answers ' +
        'where it has none. "geo": an answer for each place that the route names, where the provider has places.',
    ),
  answers: boundedRecord(Id, Answers, { most: DNS_LIMITS.answers, plural: 'answers' })
    .default({})
    .describe(
      'What a pool or an origin is in DNS, by its id. Default: the host of the URL of an origin, where the type fits it.',
    ),
  ttl: z.int().min(1).max(86_400).default(60).describe('Seconds, while all is well.'),
  degradedTtl: z
    .int()
    .min(1)
    .max(86_400)
    .optional()
    .describe(
      'Seconds, while something is not (gdnsd halves it). Default: half of `ttl`, at least the least that the provider takes.',
    ),
  most: z
    .int()
    .min(1)
    .max(RECORD_LIMITS.values)
    .default(8)
    .describe('The most answers of one record set (Route 53 multivalue: 8).'),
  minimumAnswers: z
    .int()
    .min(1)
    .max(RECORD_LIMITS.values)
    .default(1)
    .describe('No change leaves fewer answers than that: what stands, stays.'),
  settle: duration({ min: '0s', max: '1h' })
    .prefault('30s')
    .describe(
      'How long another answer must have been wanted, without a break, before it is written.',
    ),
  holdTime: duration({ min: '0s', max: '24h' })
    .prefault('2m')
    .describe('The least time between two changes of answers of this record.'),
  dryRun: z.boolean().default(false).describe('Whether changes are only told, never made.'),
  proxied: z
    .boolean()
    .optional()
    .describe('Cloudflare: whether the record is proxied ("orange cloud"). Default: not.'),
  healthChecks: boundedRecord(Id, z.string().min(1).max(64), { most: 256, plural: 'health checks' })
    .optional()
    .describe(
      'Route 53: ids of health checks of its own by pool. With strategy "failover" the first two pools become PRIMARY and ' +
        'SECONDARY, so that Route 53 fails over by itself should this router be gone.',
    ),
  latencyRegions: boundedRecord(
    Id,
    z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, { error: 'an AWS region, such as "eu-central-1"' }),
    { most: 256, plural: 'regions' },
  )
    .optional()
    .describe(
      'Route 53: AWS regions by pool. With strategy "all-healthy" each pool that is well becomes a latency record.',
    ),
})
export type DnsRecord = z.output<typeof DnsRecord>

const Resolver = z
  .url({ protocol: /^https?$/ })
  .max(512)
  .refine((url) => /^https:|^http:\/\/(localhost|127\.0\.0\.1|\[::1\])[:/]/.test(url), {
    error: 'DNS over HTTPS is https; http is for this very machine',
  })

/** DNS failover: who keeps the zones, and the records that follow health. */
export const Dns = z.strictObject({
  owner: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, { error: 'an owner is at most 32 of a-z, 0-9 and "-"' })
    .default('portolan')
    .describe(
      'Marks what this deployment manages. Two deployments that share a zone need two owners.',
    ),
  providers: boundedRecord(Id, DnsProvider, {
    most: DNS_LIMITS.providers,
    plural: 'providers',
  }).default({}),
  records: boundedRecord(Id, DnsRecord, { most: DNS_LIMITS.records, plural: 'records' }).default(
    {},
  ),
  maximumChanges: z
    .int()
    .min(1)
    .max(500)
    .default(10)
    .describe(
      'The most record sets of one zone that one run changes; the rest waits for the next.',
    ),
  check: z
    .strictObject({
      nameServers: z
        .boolean()
        .default(true)
        .describe('Whether answers are read back from the name servers, by TCP.'),
      resolvers: z
        .array(Resolver)
        .max(DNS_LIMITS.resolvers)
        .default(['https://cloudflare-dns.com/dns-query', 'https://dns.google/dns-query'])
        .describe('Public resolvers that are asked, too (RFC 8484). An empty list: none.'),
      interval: duration({ min: '1m', max: '24h' })
        .prefault('5m')
        .describe(
          'How often answers are compared with what the proxy would decide, while nothing changes.',
        ),
    })
    .prefault({}),
})
export type Dns = z.output<typeof Dns>
