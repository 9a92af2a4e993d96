import * as z from 'zod'
import { boundedRecord } from './bounded-record.ts'
import { CacheSettings } from './cache.ts'
import { CONFIG_LIMITS } from './config-limits.ts'
import { Dns } from './dns.ts'
import { CookieName, HostName } from './http.ts'
import { Id } from './id.ts'
import { Interlocks } from './interlock.ts'
import { Monitor } from './monitor.ts'
import { Notifications } from './notification.ts'
import { Pool } from './pool.ts'
import { Ramp } from './ramp.ts'
import { Route } from './route.ts'

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
    .regex(/^[a-z0-9-]{1,32}$/, { error: 'a name is at most 32 of a-z, 0-9 and "-"' })
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
  probing: z
    .enum(['alarm', 'cron'])
    .default('alarm')
    .describe(
      'What drives the probers: an alarm of their own, to the second, or only the cron, once a minute.',
    ),
  sessionCookie: CookieName.default('session').describe('The cookie behind the key "session".'),
  sessions: z
    .strictObject({
      shards: z
        .int()
        .min(1)
        .max(1024)
        .default(8)
        .describe('Objects that the sessions of the store "durable" are spread over.'),
    })
    .prefault({}),
  cache: CacheSettings.prefault({}),
})
export type Settings = z.output<typeof Settings>

function section<Value extends z.ZodType>(
  value: Value,
  plural: 'monitors' | 'ramps' | 'pools' | 'routes',
) {
  return boundedRecord(Id, value, { most: CONFIG_LIMITS[plural], plural })
}

/** The configuration of a deployment: one document, ids as keys, unknown keys rejected. */
export const Config = z.strictObject({
  $schema: z.string().max(2048).optional().describe('Where editors find the schema.'),
  settings: Settings.prefault({}),
  monitors: section(Monitor, 'monitors').default({}),
  ramps: section(Ramp, 'ramps').default({}),
  pools: section(Pool, 'pools').default({}),
  routes: section(Route, 'routes').default({}),
  interlocks: Interlocks.prefault({}),
  notifications: Notifications.default({}),
  dns: Dns.optional(),
})
export type Config = z.output<typeof Config>

/** A configuration as an operator writes it, defaults not yet filled in. */
export type AuthoredConfig = z.input<typeof Config>
