import * as z from 'zod'
import { Bond } from './bond.ts'
import { boundedRecord } from './bounded-record.ts'
import { HeaderName } from './http.ts'
import { Location } from './place.ts'

/** The URL of a request has at most 16 KB (Workers limits); of its headers nothing longer is worth a look. */
const Text = z.string().max(16_384)

/** What clients send need not be a name by any standard. */
const AnyName = z.string().max(1024)

function values(name: z.ZodType<string, string>) {
  return boundedRecord(name, Text, { most: 256, plural: 'values of a kind' }).default({})
}

/** What the edge knows of where a client is. All optional: the edge does not always know. */
export const ClientFacts = z.strictObject({
  ip: z.union([z.ipv4(), z.ipv6()]).optional(),
  asn: z.int().min(0).max(4_294_967_295).optional(),
  continent: z.string().max(2).toUpperCase().optional(),
  country: z.string().max(2).toUpperCase().optional(),
  region: z.string().max(6).toUpperCase().optional().describe('ISO 3166-2, such as "US-CA".'),
  city: z.string().max(128).optional(),
  colo: z.string().max(8).optional(),
  location: Location.optional(),
})
export type ClientFacts = z.output<typeof ClientFacts>

/**
 * Everything that a decision may know of a request. Plain data: logged facts replay exactly.
 * `headers`, `cookies` and `query` hold only what the snapshot asks for (`Needs`).
 */
export const RequestFacts = z.strictObject({
  method: z.string().max(32).default('GET'),
  scheme: z.enum(['http', 'https']).default('https'),
  host: z
    .string()
    .max(255)
    .regex(/^([^:/?#\s]*|\[[^\]\s]*\])$/, { error: 'a host comes without scheme, port and path' })
    .toLowerCase(),
  path: Text.startsWith('/').default('/'),
  headers: values(HeaderName),
  cookies: values(AnyName),
  query: values(AnyName),
  client: ClientFacts.default({}),
  bond: Bond.optional().describe('Where affinity keeps this client, verified.'),
  wroteUntilMs: z
    .number()
    .optional()
    .describe('Until when this client reads where it wrote (read-your-writes).'),
  nowMs: z.number().default(0).describe('Milliseconds since the epoch.'),
  random: z.number().min(0).lt(1).default(0.5).describe('The one draw of chance of this request.'),
})
export type RequestFacts = z.output<typeof RequestFacts>
