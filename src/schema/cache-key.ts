import * as z from 'zod'
import { CookieName, HeaderName, HostName, UrlPath } from './http.ts'
import { PathPattern } from './match.ts'

/** Most names that one list has. */
const MOST_NAMES = 32

/** A parameter or cookie, or with a `*` at its end every one that begins so. */
const NamePattern = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[^*\s]*\*?$/, { error: 'a name may have one "*", at its end: "utm_*"' })
const names = <Item extends z.ZodType>(item: Item) => z.array(item).max(MOST_NAMES)

/** Which requests share an answer. What is not in the key is not told to the origin either. */
export const CacheKey = z.strictObject({
  host: z
    .union([z.literal('request'), HostName])
    .default('request')
    .describe(
      'A fixed name makes all hosts of the route share one copy, and is what origins are told.',
    ),
  path: UrlPath.optional().describe(
    'A fixed path makes all paths of the route share one copy, and is what origins are asked for.',
  ),
  query: z
    .union([
      z.enum(['all', 'none']),
      z.strictObject({ include: names(NamePattern).min(1) }),
      z.strictObject({ exclude: names(NamePattern).min(1) }),
    ])
    .default('all')
    .describe('Parameters that count. The others are not sent to the origin.'),
  sortQuery: z
    .boolean()
    .default(true)
    .describe('Whether the order of differently named parameters is no difference.'),
  headers: names(HeaderName).default([]),
  cookies: names(CookieName).default([]),
  country: z.boolean().default(false),
  device: z
    .boolean()
    .default(false)
    .describe('Mobile, tablet or desktop, which the origin is told in "portolan-device".'),
})
export type CacheKey = z.output<typeof CacheKey>

/** Requests that go past the cache: nothing is looked up and nothing stored. */
export const CacheBypass = z.strictObject({
  headers: names(HeaderName).default([]),
  cookies: names(NamePattern).default([]),
  query: names(NamePattern).default([]),
  paths: names(PathPattern).default([]),
})
export type CacheBypass = z.output<typeof CacheBypass>
