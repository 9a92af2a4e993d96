import * as z from 'zod'
import { boundedRecord } from './bounded-record.ts'
import { duration } from './duration.ts'
import { HeaderMap, HostName } from './http.ts'
import { Id } from './id.ts'
import { PoolMonitors } from './monitor.ts'
import { Shedding } from './limit.ts'
import { Location } from './place.ts'
import { Failback, HoldDown } from './ramp.ts'
import { Balance, Weight } from './steer.ts'

/** Bounds of a pool. */
export const POOL_LIMITS = { origins: 1000 } as const

/** What an operator asked for: `drain` takes no new clients, `maintenance` takes nothing. */
export const AdminState = z.enum(['ready', 'drain', 'maintenance'])
export type AdminState = z.output<typeof AdminState>

const ORIGIN_URL = /^https?:\/\/(?:\[(?<ipv6>[^\]]+)\]|(?<host>[^:]+))(?::(?<port>\d{1,5}))?$/
/** As `HostName`, with underscores: names of services in private zones have them. */
const ORIGIN_HOST =
  /^(?!.{254})[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*$/

const OriginUrl = z
  .string()
  .max(300)
  .transform((text) => text.toLowerCase().replace(/\/$/, ''))
  .refine(isOriginUrl, {
    error:
      'an origin is "http://host[:port]" or "https://host[:port]", without path, query or credentials',
  })

/** A `fetch` to a URL that is none throws, which would count as a failure of the origin. */
function isOriginUrl(text: string): boolean {
  const { ipv6, host = '', port = '80' } = ORIGIN_URL.exec(text)?.groups ?? {}
  if (Number(port) < 1 || Number(port) > 65_535) return false
  if (ipv6 !== undefined) return z.ipv6().safeParse(ipv6).success
  // A name that ends in a number is read as an IPv4 address (WHATWG URL, "ends in a number").
  return /(^|\.)\d+$/.test(host) ? z.ipv4().safeParse(host).success : ORIGIN_HOST.test(host)
}

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
    .describe(
      'Requests and WebSockets under way, from all isolates together, beyond which the origin is passed over.',
    ),
  capacity: z
    .number()
    .min(0.1)
    .max(10_000_000)
    .optional()
    .describe('Requests per second that it can take: what simulations warn by.'),
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
  monitor: PoolMonitors.optional().describe(
    'How its origins are probed: the id of a monitor, or several with a role each.',
  ),
  recovery: Id.optional().describe(
    'The ramp by which its origins, or the pool as a whole, come back. Default: at once.',
  ),
  failback: Failback.prefault({}),
  holdDown: HoldDown.prefault({}).describe(
    'How long an origin that fell again stays out, however well it looks: the base the first time it falls ' +
      'soon after a recovery, twice as long each time after that.',
  ),
  drainTimeout: duration({ min: '0s', max: '7d' })
    .prefault('5m')
    .describe(
      'How long clients that are bound to a draining origin stay there (AWS: deregistration delay 300 s). In the ' +
        'last tenth of it they leave bit by bit.',
    ),
  drainRemoved: z
    .boolean()
    .default(false)
    .describe('Whether an origin that a revision removes drains first.'),
  shedding: Shedding.optional(),
  countUntil: z
    .enum(['end', 'head'])
    .default('end')
    .describe(
      'How long a request counts as under way, where a cap or a policy goes by that: until its answer has ended and ' +
        'its WebSocket has closed, or until the head of the answer. Until the end costs CPU where bodies are long or ' +
        'of unknown length, and takes WebSockets through the Worker message by message.',
    ),
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
      trials: z
        .int()
        .min(1)
        .max(1000)
        .default(3)
        .describe(
          'After an ejection (an open circuit) so many requests try the origin, one or a few at a time, before all ' +
            'may go there again (half-open); one failure ejects it anew.',
        ),
      slow: duration({ min: '10ms', max: '10m' })
        .optional()
        .describe('A response whose headers take longer counts as a failure.'),
    })
    .prefault({})
    .describe(
      'Passive ejection from real traffic. Defaults: Envoy (5 in a row, 30 s times the number of ' +
        'ejections, at most 300 s); failure share 50 % of at least 50 requests in 30 s.',
    ),
  origins: boundedRecord(Id, Origin, {
    least: 1,
    most: POOL_LIMITS.origins,
    plural: 'origins',
  }),
})
export type Pool = z.output<typeof Pool>
