import * as z from 'zod'
import { boundedRecord } from './bounded-record.ts'
import { CONFIG_LIMITS } from './config-limits.ts'
import { Health } from './health.ts'
import { Id } from './id.ts'
import { Shed } from './limit.ts'
import { AdminState } from './pool.ts'
import { STEER_LIMITS, Weight } from './steer.ts'

/** How an origin or a pool stands now, as far as it differs from a ready one with its whole share. */
export const Condition = z.strictObject({
  health: Health.default('unknown'),
  evidence: z
    .string()
    .max(1024)
    .default('')
    .describe('What led to the health, in words and numbers.'),
  sinceMs: z.number().default(0),
  state: AdminState.optional().describe('Overrides the state of the configuration.'),
  sharePercent: z.number().min(0).max(100).default(100),
  attempt: z
    .string()
    .max(64)
    .optional()
    .describe('Names the attempt of a recovery: another one means that it began anew.'),
  admitPercent: z
    .number()
    .min(0)
    .max(100)
    .optional()
    .describe(
      'How many of those that are free to go anywhere are admitted, so that with those whom affinity keeps the ' +
        'share is right. Default: the share.',
    ),
  keepsSinceMs: z
    .number()
    .optional()
    .describe(
      'While it comes back: clients bound before return as the share lets them, those bound since stay.',
    ),
  drainFromMs: z.number().optional().describe('While it drains: since when.'),
  drainUntilMs: z.number().optional().describe('While it drains: until when bound clients stay.'),
  shed: Shed.optional(),
})
export type Condition = z.output<typeof Condition>

/** The weights to which a route is on its way, and how much of its clients go by them already. */
export const RouteCondition = z.strictObject({
  weights: boundedRecord(Id, Weight, { least: 1, most: STEER_LIMITS.pools, plural: 'pools' }),
  percent: z
    .number()
    .min(0)
    .max(100)
    .default(100)
    .describe('How many clients go by these weights; the others go by those of the configuration.'),
})
export type RouteCondition = z.output<typeof RouteCondition>

/** The same as an edge may read it: what an older release published has no percent, and counts as 100. */
export type PublishedRouteCondition = z.input<typeof RouteCondition>

/** The conditions of a moment: only what is not as it should be needs an entry. */
export const Conditions = z.strictObject({
  origins: boundedRecord(Id, Condition, { most: CONFIG_LIMITS.origins, plural: 'origins' }).default(
    {},
  ),
  pools: boundedRecord(Id, Condition, { most: CONFIG_LIMITS.pools, plural: 'pools' }).default({}),
  routes: boundedRecord(Id, RouteCondition, {
    most: CONFIG_LIMITS.routes,
    plural: 'routes',
  }).default({}),
})
export type Conditions = z.output<typeof Conditions>
