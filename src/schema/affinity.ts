import * as z from 'zod'
import { AFFINITY_LIMITS } from './affinity-limits.ts'
import { duration } from './duration.ts'
import { CookieName, HeaderName, HostName } from './http.ts'
import { Id } from './id.ts'
import { SecretName } from './secret.ts'

/**
 * Fields that mean something to somebody between client and origin (RFC 9110, 6265, 7239, W3C Trace Context), or that
 * the router sets itself; and the beginnings of more of them.
 */
const TAKEN: ReadonlySet<string> = new Set(
  (
    'accept age allow alt-svc authorization cache-control connection cookie date etag expect expires forwarded host ' +
    'keep-alive last-modified location max-forwards origin portolan-facts portolan-origin pragma range referer ' +
    'retry-after server server-timing set-cookie strict-transport-security te traceparent tracestate trailer ' +
    'transfer-encoding upgrade user-agent vary via www-authenticate x-real-ip x-request-id'
  ).split(' '),
)
const TAKEN_FAMILY = /^(accept|access-control|cdn|cf|content|if|proxy|sec|x-forwarded)-/

/** A header that is the router's and its origins' alone. */
const OwnHeader = HeaderName.refine((name) => !TAKEN.has(name) && !TAKEN_FAMILY.test(name), {
  error: 'this header means something to others: take one of your own, such as "x-session-data"',
})

/** How long a client stays. Default of `ttl`: 23 h, as Cloudflare Load Balancing. */
const lifetime = {
  ttl: duration({ min: '1s', max: '7d' })
    .prefault('23h')
    .describe('From when the client was bound, however active it is.'),
  idle: duration({ min: '1s', max: '7d' })
    .optional()
    .describe(
      'Since its last request, exact to a quarter of it, which is how often a cookie is renewed; default: as long ' +
        'as "ttl".',
    ),
  failover: z
    .enum(['sticky', 'temporary', 'none'])
    .default('sticky')
    .describe(
      'Where a client goes whose origin is out: "sticky" binds it to the next one for good; "temporary" sends it ' +
        'to the next one until its own is back; "none" refuses it, since nobody else knows its session.',
    ),
  data: z
    .strictObject({
      secret: SecretName,
      header: OwnHeader.default('portolan-session-data'),
    })
    .optional()
    .describe(
      'Hands the value kept with the session to the origin in a header signed with this secret, and keeps the ' +
        'value that the origin answers with in the same header. Needs the store "durable".',
    ),
}

const CookieStore = z
  .enum(['cookie', 'durable'])
  .default('cookie')
  .describe(
    'Who remembers: the client, in a signed cookie, without any object; or the session objects.',
  )

const KeyStore = z
  .enum(['none', 'durable'])
  .default('none')
  .describe(
    'Who remembers: nobody, since equal keys hash to the same origin while it may serve; or the session objects.',
  )

/** How the cookie is set (RFC 6265bis). */
const cookie = {
  name: CookieName.optional().describe('Default: "portolan-" and the id of the route.'),
  sameSite: z.enum(['lax', 'strict', 'none']).default('lax'),
  secure: z
    .enum(['auto', 'always', 'never'])
    .default('auto')
    .describe('"auto": when the client came by https.'),
  httpOnly: z.boolean().default(true),
  domain: HostName.optional().describe('Default: the host of the request alone.'),
  path: z
    .string()
    .max(256)
    .regex(/^\/[\x21-\x3a\x3c-\x7e]*$/, {
      error: 'a cookie path starts with "/" and is printable ASCII without ";"',
    })
    .default('/'),
  import: CookieName.optional().describe(
    'A cookie of another system whose value is the id of an origin: read where there is none of our own.',
  ),
}

const SessionName = z.union([
  z.strictObject({ header: HeaderName }),
  z.strictObject({ cookie: CookieName }),
])

/** Keeping a client on its origin. */
export const Affinity = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('cookie'), store: CookieStore, ...cookie, ...lifetime }),
  z
    .strictObject({ type: z.literal('ip-cookie'), store: CookieStore, ...cookie, ...lifetime })
    .describe(
      'As "cookie", but a client without a cookie is placed by its address, and not by the policy.',
    ),
  z
    .strictObject({
      type: z.literal('header'),
      store: KeyStore,
      names: z.array(SessionName).min(1).max(AFFINITY_LIMITS.names),
      require: z
        .enum(['any', 'all'])
        .default('any')
        .describe('"any": the first that is there is the key; "all": all together, or none.'),
      ...lifetime,
    })
    .describe('By what the request carries: headers or cookies of the application.'),
  z
    .strictObject({ type: z.literal('ip'), store: KeyStore, ...lifetime })
    .describe('By address, IPv6 by /64. Clients behind one address stay together.'),
])
export type Affinity = z.output<typeof Affinity>

/** The pool that takes the writes of a route, and for how long it then takes the reads of who wrote. */
export const Writes = z.strictObject({
  pool: Id.describe(
    'Takes every request whose method is not safe (RFC 9110 §9.2.1): the pool of the primary.',
  ),
  keep: duration({ min: '0s', max: '1h' })
    .prefault('5s')
    .describe(
      'How long after its last write a client reads from there too (read-your-writes), by a signed cookie.',
    ),
})
export type Writes = z.output<typeof Writes>
