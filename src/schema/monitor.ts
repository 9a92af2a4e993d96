import * as z from 'zod'
import { boundedRecord } from './bounded-record.ts'
import { duration } from './duration.ts'
import { HeaderName, HeaderValue, HostName, MOST_HEADERS } from './http.ts'
import { Id } from './id.ts'
import { JsonAssertion } from './json-assertion.ts'
import { SecretName } from './secret.ts'

/** Where a prober can be placed: the location hints of Durable Objects. */
export const ProbeRegion = z.enum([
  'wnam',
  'enam',
  'sam',
  'weur',
  'eeur',
  'apac',
  'apac-ne',
  'apac-se',
  'oc',
  'afr',
  'me',
])
export type ProbeRegion = z.output<typeof ProbeRegion>

/** Bounds of a monitor. */
export const MONITOR_LIMITS = {
  /** How much of a health body is read: more than any health endpoint says (Route 53 reads 5 KiB). */
  bodyBytes: 65_536,
  assertions: 32,
} as const

/**
 * What a monitor goes by where it says nothing itself. `standard`: interval 30 s, timeout 5 s and three in a
 * row as Route 53, Global Accelerator, HAProxy and Traefik. `fast` finds a dead origin in seconds, for about
 * six times the probes.
 */
export const MONITOR_PROFILES = {
  standard: { interval: 30_000, unhealthyInterval: 5000, timeout: 5000, fall: 3, rise: 3 },
  fast: { interval: 5000, unhealthyInterval: 1000, timeout: 2000, fall: 3, rise: 2 },
} as const

/** What a monitor cannot set: Host has a setting of its own, the others belong to the connection. */
const FRAMING_HEADERS = ['host', 'connection', 'content-length', 'transfer-encoding'] as const

const Expectation = z.strictObject({
  status: z
    .union([
      z.string().regex(/^[1-5]xx$/, { error: 'a class of statuses is written "2xx"' }),
      z.array(z.int().min(100).max(599)).min(1).max(32),
    ])
    .default('2xx'),
  body: z
    .string()
    .min(1)
    .max(4096)
    .optional()
    .describe('What the first 64 KiB of the body contain, letter for letter.'),
  json: z
    .array(JsonAssertion)
    .min(1)
    .max(MONITOR_LIMITS.assertions)
    .optional()
    .describe('What must hold of a JSON body, all of it: "/checks/*/lag_seconds < 5".'),
})

/** How an origin is probed, and how many results in a row change what is thought of it. */
export const Monitor = z
  .strictObject({
    profile: z.enum(['standard', 'fast']).default('standard'),
    type: z
      .enum(['http', 'https', 'tcp'])
      .optional()
      .describe('Default: the scheme of the origin\'s URL. "tcp" only opens a connection.'),
    method: z.enum(['GET', 'HEAD', 'POST', 'OPTIONS']).default('GET'),
    path: z.string().max(2048).startsWith('/').default('/'),
    port: z.int().min(1).max(65_535).optional().describe("Default: the port of the origin's URL."),
    host: HostName.optional().describe(
      'The Host of the probe, where it is not that of the origin.',
    ),
    headers: boundedRecord(
      HeaderName,
      z.union([HeaderValue, z.strictObject({ secret: SecretName })]),
      { most: MOST_HEADERS, plural: 'headers' },
    )
      .default({})
      .describe('A value, or { "secret": "NAME" } for what the binding NAME holds.'),
    interval: duration({ min: '1s', max: '1h' }).optional().describe('Default: 30 s; fast: 5 s.'),
    unhealthyInterval: duration({ min: '1s', max: '1h' })
      .optional()
      .describe('While in doubt or down (HAProxy fastinter). Default: 5 s; fast: 1 s.'),
    jitter: z
      .number()
      .min(0)
      .max(0.5)
      .default(0.1)
      .describe('Part of the interval over which a probe is spread, half of it early, half late.'),
    timeout: duration({ min: '100ms', max: '1m' }).optional().describe('Default: 5 s; fast: 2 s.'),
    fall: z.int().min(1).max(100).optional().describe('Failures in a row until down. Default: 3.'),
    rise: z.int().min(1).max(100).optional().describe('Successes until up. Default: 3; fast: 2.'),
    degradedAbove: duration({ min: '1ms', max: '1m' })
      .optional()
      .describe('A slower success is degraded: it may serve, and is told of.'),
    expect: Expectation.prefault({}),
    regions: z
      .array(ProbeRegion)
      .min(1)
      .max(11)
      .refine((regions) => new Set(regions).size === regions.length, {
        error: 'each region once',
      })
      .default(['wnam', 'weur', 'apac'])
      .describe('Where probes come from: most of the regions that have a vote decide.'),
  })
  .transform((monitor) => ({ ...monitor, ...pace(monitor) }))
  .refine(({ timeout, interval }) => timeout <= interval, {
    error: '"timeout" is longer than "interval": a probe would not end before the next',
    path: ['timeout'],
  })
  .refine(({ unhealthyInterval, interval }) => unhealthyInterval <= interval, {
    error: '"unhealthyInterval" is longer than "interval": in doubt it would look less often',
    path: ['unhealthyInterval'],
  })
  .refine(({ headers }) => !FRAMING_HEADERS.some((name) => Object.hasOwn(headers, name)), {
    error: 'the prober writes these itself: use "host" for Host, and leave out the framing',
    path: ['headers'],
  })
  .refine(({ type, port }) => type !== 'tcp' || port !== 25, {
    error: 'the platform opens no connections to port 25: probe another port of the mail server',
    path: ['port'],
  })
  .refine(({ type, expect }) => type !== 'tcp' || (!expect.body && !expect.json), {
    error: 'a "tcp" monitor opens a connection and reads nothing: it expects no body',
    path: ['expect'],
  })
export type Monitor = z.output<typeof Monitor>

type Pace = { -readonly [Setting in keyof typeof MONITOR_PROFILES.fast]: number }

/** The pace of a monitor: what it says itself, and the rest from its profile. */
function pace({
  profile,
  interval,
  unhealthyInterval,
  timeout,
  fall,
  rise,
}: { readonly profile: keyof typeof MONITOR_PROFILES } & {
  readonly [Setting in keyof Pace]?: number | undefined
}): Pace {
  const usual = MONITOR_PROFILES[profile]
  return {
    interval: interval ?? usual.interval,
    unhealthyInterval: unhealthyInterval ?? Math.min(usual.unhealthyInterval, interval ?? Infinity),
    timeout: timeout ?? Math.min(usual.timeout, interval ?? Infinity),
    fall: fall ?? usual.fall,
    rise: rise ?? usual.rise,
  }
}

/**
 * What a monitor's verdict means for the origins of a pool. `required`: down is unhealthy. `quorum`: unhealthy
 * when more than half of the quorum monitors are down. `report-only`: told, and nothing else.
 */
export const MonitorRole = z.enum(['required', 'quorum', 'report-only'])
export type MonitorRole = z.output<typeof MonitorRole>

/** The monitors of a pool: the id of one that is required, or several with their roles. */
export const PoolMonitors = z
  .union([
    Id,
    z
      .array(z.strictObject({ id: Id, role: MonitorRole.default('required') }))
      .min(1)
      .max(8),
  ])
  .transform((monitor): readonly { readonly id: string; readonly role: MonitorRole }[] =>
    typeof monitor === 'string' ? [{ id: monitor, role: 'required' }] : monitor,
  )
