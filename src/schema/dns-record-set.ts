import * as z from 'zod'
import { Id } from './id.ts'
import { Continent, Country, Region } from './place.ts'

/** The most that a record set holds. A value is that of one record as a zone file writes it. */
export const RECORD_LIMITS = { values: 32, value: 1024 } as const

/** The types of records that DNS failover keeps. */
export const RecordType = z.enum(['A', 'AAAA', 'CNAME', 'SRV', 'TXT', 'HTTPS'])
export type RecordType = z.output<typeof RecordType>

/** The owner name of a record in lower case, without the last dot; labels may begin with "_", the first may be "*". */
export const DnsName = z
  .string()
  .max(253)
  .regex(/^(\*\.)?[a-z0-9_]([a-z0-9_-]{0,62})?(\.[a-z0-9_]([a-z0-9_-]{0,62})?)*$/, {
    error:
      'a record name is lower case and whole, without a dot at its end, such as "_sip._tcp.example.com"',
  })

/** The mark by which this project knows its own: whose record set it is. */
export const DnsMark = z.strictObject({
  owner: z.string().max(32).describe('`dns.owner` of the deployment.'),
  record: Id.describe('The id of the record in its configuration.'),
})
export type DnsMark = z.output<typeof DnsMark>

/** Where a provider answers differently by who asks. Latitude is its own: "default" is every other place. */
export const Place = z.union([
  z.literal('default'),
  z.strictObject({ continent: Continent }),
  z.strictObject({ country: Country }),
  z.strictObject({ region: Region }),
])
export type Place = z.output<typeof Place>

/**
 * One of several record sets of one name and type, where the provider chooses between them. `id` is unique among
 * them (Route 53: SetIdentifier, at most 128 characters).
 */
export const Variant = z.discriminatedUnion('by', [
  z.strictObject({
    by: z.literal('weight'),
    id: z.string().min(1).max(128),
    weight: z.int().min(0).max(255),
  }),
  z.strictObject({ by: z.literal('place'), id: z.string().min(1).max(128), place: Place }),
  z.strictObject({
    by: z.literal('latency'),
    id: z.string().min(1).max(128),
    region: z.string().max(64),
  }),
  z.strictObject({
    by: z.literal('failover'),
    id: z.string().min(1).max(128),
    role: z.enum(['primary', 'secondary']),
    healthCheck: z.string().max(64).optional(),
  }),
])
export type Variant = z.output<typeof Variant>

/** Which record sets: all variants of a name and type. */
export const RecordKey = z.strictObject({ name: DnsName, type: RecordType })
export type RecordKey = z.output<typeof RecordKey>

/**
 * All records of one name and type (and variant), as they are wanted or as they stand. Values are canonical
 * (`dns-value.ts`) and sorted, so that equal sets are equal texts.
 */
export const RecordSet = z.strictObject({
  ...RecordKey.shape,
  ttl: z.int().min(0).max(2_147_483_647).describe('Seconds; 1 at Cloudflare is "automatic".'),
  values: z.array(z.string()).describe('Canonical and sorted.'),
  variant: Variant.optional(),
  proxied: z.boolean().optional().describe('Cloudflare alone; absent is false.'),
  mark: DnsMark.optional().describe("Absent: it is somebody else's, and is never touched."),
})
export type RecordSet = z.output<typeof RecordSet>

/** One record set that is to become another: made without `before`, removed without `after`. */
export const DnsChange = z.strictObject({
  record: Id,
  before: RecordSet.optional(),
  after: RecordSet.optional(),
  reason: z.string().max(1024),
})
export type DnsChange = z.output<typeof DnsChange>

/** Why a provider could not be read or written, in one of the ways that make a difference, and in words. */
export const DnsFailure = z.strictObject({
  kind: z.enum([
    'no-secret', // A binding that holds a secret is not there, or is of the wrong form.
    'unauthorized', // The secret is not accepted: 401, 403, NOTAUTH, BADKEY, BADSIG.
    'no-zone', // The provider has no such zone.
    'rate-limited', // Asked too often: 429, Throttling, PriorRequestNotComplete.
    'unavailable', // 5xx, SERVFAIL, no connection.
    'timed-out', // No answer in time: it may have been done.
    'refused', // Understood and declined: 400, 422, REFUSED, InvalidChangeBatch.
    'garbled', // An answer that is none.
  ]),
  detail: z
    .string()
    .max(1024)
    .describe('What was asked and what came back, in words, with the cure where there is one.'),
  retryAfterMs: z.number().optional(),
})
export type DnsFailure = z.output<typeof DnsFailure>

/** What became of one change. */
export const ChangeResult = z.discriminatedUnion('outcome', [
  z.strictObject({
    outcome: z.literal('done'),
    propagatedMs: z
      .number()
      .optional()
      .describe('How long the provider itself said that it took to reach all its servers.'),
  }),
  z.strictObject({
    outcome: z
      .literal('conflict')
      .describe('It no longer stood as `before` says: nothing was written.'),
    detail: z.string().max(1024),
  }),
  z
    .strictObject({ outcome: z.literal('failed'), failure: DnsFailure })
    .describe('Surely not written.'),
  z
    .strictObject({ outcome: z.literal('unknown'), failure: DnsFailure })
    .describe('It may have been written.'),
])
export type ChangeResult = z.output<typeof ChangeResult>

/** The record sets that should stand for one record, as the route decides. */
export const WantedRecord = z.strictObject({
  record: Id,
  key: RecordKey,
  sets: z
    .array(RecordSet)
    .describe('Empty: nothing can be said, and what stands stays; `hold` tells why.'),
  degraded: z
    .boolean()
    .describe('Whether something that it could answer with is not well: its TTL is the lower one.'),
  hold: z
    .string()
    .max(512)
    .optional()
    .describe('Why nothing may be changed now, such as that all pools are out.'),
  reason: z.string().max(1024).describe('Why these, in words.'),
})
export type WantedRecord = z.output<typeof WantedRecord>
