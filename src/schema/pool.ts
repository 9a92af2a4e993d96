import * as z from 'zod'
import { duration } from './duration.ts'
import { HeaderName, HeaderValue, HostName } from './http.ts'
import { Id } from './id.ts'
import { Location } from './place.ts'
import { Balance, Weight } from './steer.ts'

/** Bounds of a pool. */
export const POOL_LIMITS = { origins: 1000, headers: 32 } as const

/** What an operator asked for: `drain` takes no new clients, `maintenance` takes nothing. */
export const AdminState = z.enum(['ready', 'drain', 'maintenance'])
export type AdminState = z.output<typeof AdminState>

const ORIGIN_URL = /^https?:\/\/(\[[0-9a-f:.]+\]|[a-z0-9]([a-z0-9._-]{0,251}[a-z0-9])?)(:\d{1,5})?$/

const OriginUrl = z
  .string()
  .max(300)
  .transform((text) => text.toLowerCase().replace(/\/$/, ''))
  .refine((text) => ORIGIN_URL.test(text) && Number(/:(\d+)$/.exec(text)?.[1] ?? 80) <= 65_535, {
    error:
      'an origin is "http://host[:port]" or "https://host[:port]", without path, query or credentials',
  })

/** A name and value for every header that is set; lower-cased names. */
export const HeaderMap = z
  .record(HeaderName, HeaderValue)
  .refine((map) => Object.keys(map).length <= POOL_LIMITS.headers, {
    error: `at most ${POOL_LIMITS.headers} headers`,
  })

/** One endpoint that serves requests. */
export const Origin = z.strictObject({
  url: OriginUrl,
  weight: Weight.default(1),
  state: AdminState.default('ready'),
  location: Location.optional().describe('Where it stands; default: its pool.'),
  maxConnections: z
    .int()
    .min(1)
    .max(1_000_000)
    .optional()
    .describe('Requests in flight from one isolate beyond which the origin is passed over.'),
  host: z
    .union([z.enum(['origin', 'client']), z.strictObject({ name: HostName })])
    .default('origin')
    .describe(
      'The Host that the origin sees: its own, the client\'s, or a name. Other than "origin" needs the ' +
        'origin and that name in one Cloudflare zone (resolveOverride).',
    ),
  headers: HeaderMap.optional().describe('Set on every request to this origin.'),
})
export type Origin = z.output<typeof Origin>

/** Origins that are interchangeable, usually one region. */
export const Pool = z.strictObject({
  description: z.string().max(256).optional(),
  location: Location.optional(),
  state: AdminState.default('ready'),
  monitor: Id.optional(),
  recovery: Id.optional().describe('The ramp by which its recovered origins come back.'),
  balance: Balance.prefault({ algorithm: 'weighted' }),
  minimumOrigins: z
    .int()
    .min(1)
    .max(POOL_LIMITS.origins)
    .default(1)
    .describe('With fewer usable origins the pool counts as down (Cloudflare minimum_origins: 1).'),
  outlier: z
    .strictObject({
      consecutive: z.int().min(1).max(1000).default(5),
      failureRate: z.number().min(0.01).max(1).default(0.5),
      minRequests: z.int().min(1).max(1_000_000).default(50),
      window: duration({ min: '5s', max: '5m' }).prefault('30s'),
      ejection: duration({ min: '1s', max: '1h' }).prefault('30s'),
      maxEjection: duration({ min: '1s', max: '24h' }).prefault('5m'),
      slow: duration({ min: '10ms', max: '10m' })
        .optional()
        .describe('A response whose headers take longer counts as a failure.'),
    })
    .prefault({})
    .describe(
      'Passive ejection from real traffic. Defaults: Envoy (5 in a row, 30 s times the number of ' +
        'ejections, at most 300 s); failure share 50 % of at least 50 requests in 30 s.',
    ),
  origins: z
    .record(Id, Origin)
    .refine((map) => Object.keys(map).length > 0, { error: 'a pool has at least one origin' })
    .refine((map) => Object.keys(map).length <= POOL_LIMITS.origins, {
      error: `a pool has at most ${POOL_LIMITS.origins} origins`,
    }),
})
export type Pool = z.output<typeof Pool>
