import * as z from 'zod'
import { boundedRecord } from './bounded-record.ts'
import { duration } from './duration.ts'
import { CookieName, HeaderName } from './http.ts'
import { Id } from './id.ts'

/** Bounds of limits. */
export const LIMIT_LIMITS = { rates: 8, windows: 4, requests: 10_000_000 } as const

const period = duration({ min: '1s', max: '1d' })

/** So many requests in so long, as "100/1s" or "5/1m". */
export const Window = z
  .string()
  .regex(/^[1-9]\d{0,7}\/\d{1,9}(s|m|h|d)$/, {
    error: 'a window is a number of requests and a time: "100/1s", "5/1m", "1000/1h"',
  })
  .transform((text, context) => {
    const [count = '', time = ''] = text.split('/')
    const per = period.safeParse(time)
    const requests = Number(count)
    if (per.success && requests <= LIMIT_LIMITS.requests) return { requests, perMs: per.data }
    const message = per.success
      ? `a window has at most ${LIMIT_LIMITS.requests} requests`
      : 'the time of a window lies between 1s and 1d'
    context.addIssue({ code: 'custom', message })
    return z.NEVER
  })
  .describe('So many requests in so long: "100/1s", "5/1m", "1000/1h".')
export type Window = z.output<typeof Window>

/** What a window comes to: so many requests in so long, and so many of them at once. */
export interface Quota {
  readonly requests: number
  readonly perMs: number
  readonly burst: number
}

/** Whose requests are counted together. */
export const LimitKey = z.union([
  z.enum(['address', 'country', 'token', 'route']),
  z.strictObject({ header: HeaderName }),
  z.strictObject({ cookie: CookieName }),
])
export type LimitKey = z.output<typeof LimitKey>

/** As wrangler.toml names them: none of them counts for a route. */
const OWN_BINDINGS: ReadonlySet<string> = new Set([
  'AUTH_FAILURES',
  'CACHE',
  'CONTROL',
  'LIMITER',
  'ORIGIN',
  'PROBER',
  'SESSIONS',
  'SHIELD',
  'SNAPSHOTS',
  'ZONES',
])

/** How often whoever has the same key may come. */
export const RateLimit = z
  .strictObject({
    key: LimitKey.default('address').describe(
      '"address": IPv6 by /64; "token": the credentials of Authorization; "route": everybody together. A request ' +
        'that lacks its key is counted by its address.',
    ),
    windows: z
      .array(Window)
      .min(1)
      .max(LIMIT_LIMITS.windows)
      .describe('So many requests in so long, as "100/1s" or "5/1m"; every one of them must hold.'),
    burst: z
      .int()
      .min(1)
      .max(LIMIT_LIMITS.requests)
      .optional()
      .describe(
        'How many may come at once by the shortest window; default: as many as it has. A longer window lets as many ' +
          'come at once as it has.',
      ),
    mode: z
      .enum(['local', 'platform', 'global'])
      .default('local')
      .describe(
        '"local": each isolate counts for itself, without any call; "platform": the rate limit binding, one count ' +
          'per location; "global": one count everywhere, in tokens that isolates lease.',
      ),
    binding: z
      .string()
      .regex(/^[A-Z][A-Z0-9_]{0,63}$/, { error: 'a binding is named as in wrangler.toml' })
      .refine((name) => !name.startsWith('PORTOLAN_') && !OWN_BINDINGS.has(name), {
        error: 'this binding is of the router itself',
      })
      .optional()
      .describe('Of "platform": the rate limit of wrangler.toml, whose numbers hold.'),
    announce: z
      .boolean()
      .default(false)
      .describe(
        'Whether every answer has the RateLimit fields, and not the refusals alone: a copy of each answer.',
      ),
  })
  .superRefine((limit, context) => {
    const add = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message })
    const times = new Set(limit.windows.map(({ perMs }) => perMs))
    if (times.size < limit.windows.length) add('windows', 'each window has a time of its own')
    const isPlatform = limit.mode === 'platform'
    if (isPlatform !== (limit.binding !== undefined)) {
      const message = isPlatform
        ? 'the mode "platform" needs the "binding" of wrangler.toml that counts'
        : '"binding" is for the mode "platform" alone'
      add('binding', message)
    }
    if (!isPlatform) return
    const [window] = limit.windows
    const fits =
      limit.windows.length === 1 && (window?.perMs === 10_000 || window?.perMs === 60_000)
    if (!fits) add('windows', 'the platform counts in one window, of 10s or of 1m')
    if (limit.burst !== undefined) add('burst', 'the platform knows no burst')
  })
export type RateLimit = z.output<typeof RateLimit>

/** The rate limits of a route, each with a name. */
export const RateLimits = boundedRecord(Id, RateLimit, {
  most: LIMIT_LIMITS.rates,
  plural: 'rate limits',
})

const most = z.int().min(1).max(1_000_000)

/** How many requests may be under way at the same time, in each isolate. */
export const Concurrency = z.strictObject({
  perAddress: most.default(20).describe('IPv6 by /64.'),
  perRoute: most.optional(),
})
export type Concurrency = z.output<typeof Concurrency>

/** Who goes first when there is too much (Beyer et al., Site Reliability Engineering, ch. 21). */
export const Criticality = z
  .enum(['critical', 'default', 'sheddable'])
  .describe('Under load "sheddable" goes first, then "default"; "critical" is never shed.')
export type Criticality = z.output<typeof Criticality>

/** Load that a pool gives away by itself while it is too slow or fails too often. */
export const Shedding = z
  .strictObject({
    p95Above: duration({ min: '10ms', max: '10m' }).optional().describe('Time to the headers.'),
    failuresAbove: z
      .number()
      .min(0.01)
      .max(1)
      .optional()
      .describe('Share of answers that are gateway errors or other 5xx, or that never came.'),
    minRequests: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(20)
      .describe('With fewer in a window nothing is judged.'),
    window: duration({ min: '1s', max: '1m' }).prefault('5s'),
    most: z
      .number()
      .min(1)
      .max(100)
      .default(90)
      .describe('Percent of the load given away at most.'),
  })
  .refine((shedding) => shedding.p95Above ?? shedding.failuresAbove, {
    error: 'says when: give "p95Above", "failuresAbove" or both',
  })
export type Shedding = z.output<typeof Shedding>

/** Load that an operator takes off a pool by hand. */
export const Shed = z.strictObject({
  newPercent: z.number().min(0).max(100).default(0).describe('Of clients without a session there.'),
  sessionPercent: z.number().min(0).max(100).default(0).describe('Of clients with one.'),
  by: z
    .enum(['hash', 'random'])
    .default('hash')
    .describe(
      '"hash": the same clients each time; "random": each request anew (new clients only).',
    ),
})
export type Shed = z.output<typeof Shed>
