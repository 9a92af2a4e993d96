import * as z from 'zod'
import { Affinity, Writes } from './affinity.ts'
import { RouteCache } from './cache.ts'
import { duration } from './duration.ts'
import { HeaderMap, HeaderName, HostName, MOST_HEADERS, Status, UrlPath } from './http.ts'
import { Id } from './id.ts'
import { Concurrency, Criticality, RateLimits } from './limit.ts'
import { Match } from './match.ts'
import { Steer } from './steer.ts'

/** Bounds of a route. */
const ROUTE_LIMITS = { matches: 32, attempts: 8, replayBytes: 1_048_576 } as const

const HeaderChanges = z
  .strictObject({
    set: HeaderMap.default({}),
    add: HeaderMap.default({}),
    remove: z.array(HeaderName).max(MOST_HEADERS).default([]),
  })
  .describe('Applied in the order remove, set, add.')
export type HeaderChanges = z.output<typeof HeaderChanges>

/** Changes to the URL on its way to the origin (Gateway API, HTTPURLRewriteFilter). */
export const Rewrite = z.strictObject({
  path: z
    .union([z.strictObject({ replacePrefix: UrlPath }), z.strictObject({ replaceFull: UrlPath })])
    .optional()
    .describe('"replacePrefix" puts its value in the place of the prefix of a "/prefix/*" match.'),
  host: HostName.optional().describe(
    "The host that the origin is told in X-Forwarded-Host and Forwarded, instead of the client's.",
  ),
})
export type Rewrite = z.output<typeof Rewrite>

/** When and how often another origin is tried. */
export const Retry = z.strictObject({
  attempts: z
    .int()
    .min(1)
    .max(ROUTE_LIMITS.attempts)
    .default(3)
    .describe(
      'Tries in all, the first included. The last one leaves the pool when another may serve: two in the region ' +
        'and one outside.',
    ),
  statuses: z
    .array(z.int().min(500).max(599))
    .max(16)
    .default([502, 503, 504])
    .describe('Answers that count as a failed attempt (the gateway errors of RFC 9110 §15.6).'),
  budget: z
    .number()
    .min(0)
    .max(1)
    .default(0.2)
    .describe('Retries as a share of the requests of the last 10 s (Envoy and Finagle: 20 %).'),
  minRetriesPerSecond: z
    .int()
    .min(0)
    .max(1000)
    .default(3)
    .describe('Retries that are always allowed (Envoy: min_retry_concurrency 3).'),
  idempotencyKey: z
    .boolean()
    .default(false)
    .describe('Whether a request with an Idempotency-Key may be sent twice whatever its method.'),
  replayBytes: z
    .int()
    .min(0)
    .max(ROUTE_LIMITS.replayBytes)
    .default(65_536)
    .describe('A request body up to this size is kept so that it can be sent again.'),
  backoff: duration({ min: '1ms', max: '10s' })
    .prefault('25ms')
    .describe(
      'Base of the full-jitter pause before the same origin is tried again (Envoy: 25 ms).',
    ),
})
export type Retry = z.output<typeof Retry>

/** Deadlines of a request, all from the moment it arrived but `idle`. */
const Timeouts = z.strictObject({
  firstByte: duration({ min: '10ms', max: '10m' })
    .prefault('30s')
    .describe('Until the headers of one attempt (CloudFront: 30 s).'),
  total: duration({ min: '10ms', max: '1h' })
    .optional()
    .describe('Until the end of the body, over all attempts.'),
  idle: duration({ min: '10ms', max: '1h' })
    .optional()
    .describe('Between two pieces of the body. Watching the body costs CPU: off unless given.'),
})

/** What happens when no origin of the route may serve. */
const Panic = z.strictObject({
  rule: z
    .enum(['fail-open', 'fallback', 'refuse'])
    .optional()
    .describe('Default: "fallback" where the policy names a fallback pool, otherwise "fail-open".'),
  retryAfter: duration({ min: '1s', max: '1h' }).prefault('10s'),
})

const Respond = z.strictObject({
  status: Status.default(200),
  headers: HeaderMap.default({}),
  body: z.string().max(65_536).default(''),
})

const Redirect = z.strictObject({
  status: z.union([301, 302, 303, 307, 308].map((code) => z.literal(code))).default(302),
  scheme: z.enum(['http', 'https']).optional(),
  host: HostName.optional(),
  path: UrlPath.optional().describe('Default: the path of the request.'),
  query: z.enum(['keep', 'drop']).default('keep'),
})
export type Redirect = z.output<typeof Redirect>

/** Copies a share of the requests to a pool and throws the answers away. */
export const Mirror = z.strictObject({
  pool: Id,
  percent: z.number().min(0).max(100).default(0).describe('Share of requests (Traefik: 0).'),
})

/** A match, and what happens to what it matches: exactly one of `steer`, `respond` and `redirect`. */
export const Route = z
  .strictObject({
    description: z.string().max(256).optional(),
    enabled: z.boolean().default(true),
    priority: z
      .int()
      .min(-1_000_000)
      .max(1_000_000)
      .default(0)
      .describe('Stands above every other rule of precedence; higher goes first.'),
    match: z
      .union([Match, z.array(Match).min(1).max(ROUTE_LIMITS.matches)])
      .prefault({})
      .transform((match): readonly Match[] => (Array.isArray(match) ? match : [match]))
      .describe('One match, or several of which any will do.'),
    steer: Steer.optional(),
    respond: Respond.optional(),
    redirect: Redirect.optional(),
    rewrite: Rewrite.optional(),
    requestHeaders: HeaderChanges.optional(),
    responseHeaders: HeaderChanges.optional(),
    mirror: Mirror.optional(),
    retry: Retry.prefault({}),
    timeouts: Timeouts.prefault({}),
    panic: Panic.prefault({}),
    expose: z
      .boolean()
      .default(false)
      .describe('Whether responses carry "portolan-origin" and "Server-Timing".'),
    affinity: Affinity.optional(),
    writes: Writes.optional().describe(
      'Splits writes from reads: the policy of the route is for the reads.',
    ),
    rateLimits: RateLimits.default({}),
    concurrency: Concurrency.optional(),
    criticality: Criticality.default('default'),
    cache: RouteCache.optional(),
  })
  .superRefine((route, context) => {
    const actions = [route.steer, route.respond, route.redirect].filter(Boolean)
    if (actions.length === 1) return
    const message = `a route has exactly one of "steer", "respond" and "redirect"; this one has ${actions.length}`
    context.addIssue({ code: 'custom', message })
  })
export type Route = z.output<typeof Route>
