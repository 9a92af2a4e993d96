import * as z from 'zod'
import { CookieName, HostName } from './http.ts'
import { Id } from './id.ts'
import { Dns, Monitor, Ramp } from './planned.ts'
import { Pool } from './pool.ts'
import { Route } from './route.ts'

/** Bounds of a configuration. Origins: what one decision can order; bytes: what one revision may weigh. */
export const CONFIG_LIMITS = {
  bytes: 8_388_608,
  pools: 1000,
  origins: 5000,
  routes: 10_000,
  monitors: 500,
  ramps: 100,
} as const

function bounded<Value extends z.ZodType>(value: Value, most: number, plural: string) {
  return z.record(Id, value).refine((map) => Object.keys(map).length <= most, {
    error: `at most ${most} ${plural}`,
  })
}

/** What holds for the whole deployment. */
export const Settings = z.strictObject({
  prefix: z
    .string()
    .regex(/^\/[A-Za-z0-9_.~-]{1,64}$/, { error: 'a prefix is one path segment: "/_portolan"' })
    .default('/_portolan')
    .describe('Where the admin API, health and status stand.'),
  adminHost: HostName.optional().describe(
    'The one host on which the prefix answers; default: any.',
  ),
  name: z
    .string()
    .regex(/^[a-z0-9-]{1,32}$/)
    .default('portolan')
    .describe('How this router names itself in Via; a request that already carries it is a loop.'),
  forwarding: z
    .array(z.enum(['x-forwarded', 'x-real-ip', 'forwarded', 'traceparent']))
    .max(4)
    .default(['x-forwarded', 'x-real-ip'])
    .describe(
      'What origins are told of the client: X-Forwarded-For, -Proto and -Host; X-Real-IP; Forwarded ' +
        '(RFC 7239); a new traceparent where the client sent none (W3C). Each header costs about 1 % of ' +
        'the CPU of a request. What is not listed is removed, so that no client can forge it.',
    ),
  sessionCookie: CookieName.default('session').describe('The cookie behind the key "session".'),
})
export type Settings = z.output<typeof Settings>

/** The configuration of a deployment: one document, ids as keys, unknown keys rejected. */
export const Config = z.strictObject({
  $schema: z.string().optional(),
  settings: Settings.prefault({}),
  monitors: bounded(Monitor, CONFIG_LIMITS.monitors, 'monitors').default({}),
  ramps: bounded(Ramp, CONFIG_LIMITS.ramps, 'ramps').default({}),
  pools: bounded(Pool, CONFIG_LIMITS.pools, 'pools').default({}),
  routes: bounded(Route, CONFIG_LIMITS.routes, 'routes').default({}),
  dns: Dns.optional(),
})
export type Config = z.output<typeof Config>

/** A configuration as an operator writes it, defaults not yet filled in. */
export type AuthoredConfig = z.input<typeof Config>
