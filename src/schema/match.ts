import * as z from 'zod'
import { boundedRecord } from './bounded-record.ts'
import { CookieName, HeaderName, HeaderValue, HostName, Method, ParameterName } from './http.ts'
import { Asn, Continent, Country, Region } from './place.ts'

/** Bounds of one match: what a reader can take in, and what keeps matching in microseconds. */
const MATCH_LIMITS = { values: 256, conditions: 16, pathLength: 1024, wildcards: 8 } as const

const HostPattern = z
  .string()
  .max(255)
  .refine((host) => HostName.safeParse(host.replace(/^\*\./, '')).success, {
    error:
      'a host is a lower-case name such as "www.example.com", or "*.example.com" for all below it',
  })
  .describe('Exact name, or "*.suffix" for every name below the suffix at any depth.')

/**
 * A path: exact (`/a/b`), everything at or below it (`/a/*`), or a pattern by segments: `{name}` stands
 * for one segment, `*` for any run within a segment, `**` (once) for any number of segments.
 * There are no regular expressions: each pattern is matched in time linear in the path.
 */
export const PathPattern = z
  .string()
  .min(1)
  .max(MATCH_LIMITS.pathLength)
  .regex(/^\/[\x21-\x7e]*$/, {
    error: 'a path starts with "/" and is printable ASCII; write other characters percent-encoded',
  })
  .refine((path) => !/[?#]/.test(path), {
    error: 'a path has no query or fragment; match parameters with "query"',
  })
  .refine((path) => (path.match(/\*+|\{[^/]*\}/g) ?? []).length <= MATCH_LIMITS.wildcards, {
    error: `a path has at most ${MATCH_LIMITS.wildcards} wildcards`,
  })
  .refine((path) => (path.match(/\*\*/g) ?? []).length <= 1, {
    error: 'a path has "**" at most once',
  })
  .refine((path) => path.split('/').every((part) => !part.includes('**') || part === '**'), {
    error: '"**" stands alone between slashes',
  })
  .refine((path) => path.split('/').every((part) => !/[{}]/.test(part) || /^\{\w+\}$/.test(part)), {
    error: '"{name}" takes a whole segment, such as "/users/{id}"',
  })

/** A test on one value: equal to the text, or one of the named tests. */
const Test = z.union([
  HeaderValue,
  z.strictObject({ present: z.boolean() }),
  z.strictObject({ prefix: HeaderValue }),
  z.strictObject({ contains: HeaderValue }),
  z.strictObject({ oneOf: z.array(HeaderValue).min(1).max(MATCH_LIMITS.values) }),
])
export type Test = z.output<typeof Test>

const list = <Item extends z.ZodType>(item: Item) => z.array(item).min(1).max(MATCH_LIMITS.values)

function tests(name: z.ZodType<string, string>) {
  return boundedRecord(name, Test, { most: MATCH_LIMITS.conditions, plural: 'conditions' })
}

/** What a request must be for a route to take it: every given condition holds, each by any of its values. */
export const Match = z.strictObject({
  hosts: list(HostPattern).optional(),
  path: PathPattern.optional(),
  scheme: z
    .enum(['http', 'https'])
    .optional()
    .describe('How the client came to the edge: for redirects from http to https.'),
  methods: list(Method).optional(),
  headers: tests(HeaderName).optional(),
  cookies: tests(CookieName).optional(),
  query: tests(ParameterName).optional(),
  userAgent: list(z.string().min(1).max(256))
    .optional()
    .describe('Any of these stands in the User-Agent, compared without case.'),
  continents: list(Continent).optional(),
  countries: list(Country).optional(),
  regions: list(Region).optional(),
  asns: list(Asn).optional(),
  clients: list(z.union([z.cidrv4(), z.cidrv6(), z.ipv4(), z.ipv6()]))
    .optional()
    .describe('Client addresses: CIDR blocks or single addresses, IPv4 or IPv6.'),
})
export type Match = z.output<typeof Match>
