import * as z from 'zod'
import { boundedRecord } from './bounded-record.ts'
import { duration } from './duration.ts'
import { Flag } from './flag.ts'
import { Id } from './id.ts'
import { Monitor, ProbeRegion } from './monitor.ts'
import { STEER_LIMITS, Weight } from './steer.ts'
import { RampUse } from './traffic.ts'

// What the admin API takes where traffic is moved.

/** Bounds of what is asked. */
export const TRAFFIC_REQUEST_LIMITS = { reason: 1024, page: 100, defaultPage: 50 } as const

/** What goes with every change of traffic, in the query. */
export const MoveQuery = z.strictObject({
  dryRun: Flag.describe('Says what would become of it, and changes nothing.'),
  override: Flag.describe('Goes past the interlocks: takes the scope "admin", and is recorded.'),
  confirmWithin: duration({ min: '10s', max: '24h' })
    .optional()
    .describe('The change reverts by itself after so long unless it is confirmed.'),
})
export type MoveQuery = z.output<typeof MoveQuery>

/** A page of a list: those after the last one of the page before. */
export const PageQuery = z.strictObject({
  after: z.string().max(80).optional().describe('"next" of the page before.'),
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(TRAFFIC_REQUEST_LIMITS.page)
    .default(TRAFFIC_REQUEST_LIMITS.defaultPage),
})
export type PageQuery = z.output<typeof PageQuery>

/** Which ramps. */
export const RampsQuery = z.strictObject({ use: RampUse.optional() })

/** Why something is done, in the words of who does it. */
export const Reason = z
  .string()
  .max(TRAFFIC_REQUEST_LIMITS.reason)
  // It is shown in terminals: an escape sequence would act there.
  .regex(/^[^\p{Cc}]*$/u, { error: 'a reason is one line of text, without control characters' })

const Weights = boundedRecord(Id, Weight, { least: 1, most: STEER_LIMITS.pools, plural: 'pools' })
  .refine((weights) => Object.values(weights).some((weight) => weight > 0), {
    error: 'every weight is 0: give one pool at least something',
  })
  .describe('Pool to weight. A pool that is left out has none.')

/** The weights that a route shall have now. */
export const WeightsBody = z.strictObject({ weights: Weights, reason: Reason.default('') })

/** The weights that a route shall have in the end, and by which ramp. */
export const ShiftBody = z.strictObject({
  route: Id,
  to: Weights,
  ramp: Id.optional().describe('Default: the defaults of a ramp.'),
  reason: Reason.default(''),
})

/** What an operator may tell a ramp. */
export const RampCommand = z.enum(['pause', 'resume', 'step-back', 'promote', 'abort'])
export type RampCommand = z.output<typeof RampCommand>

/** What goes with a command; a body is not needed. */
export const CommandBody = z
  .strictObject({
    reason: Reason.default(''),
    how: z
      .enum(['at-once', 'in-steps'])
      .default('at-once')
      .describe('Of "abort": back at once, or step by step.'),
  })
  .prefault({})

/** A monitor to try, on an origin of the configuration or on any URL. */
export const PreviewBody = z
  .strictObject({
    monitor: z.union([Id, Monitor]).describe('The id of one, or a draft.'),
    origins: z.array(Id).min(1).max(16).optional(),
    url: z
      .url({ protocol: /^https?$/ })
      .max(300)
      .optional()
      .describe('In place of origins: one that is not configured yet.'),
    regions: z.array(ProbeRegion).min(1).max(11).optional().describe("Default: the monitor's."),
  })
  .refine(({ origins, url }) => (origins === undefined) !== (url === undefined), {
    error: 'takes "origins" or "url", one of them',
    path: ['origins'],
  })
export type PreviewBody = z.output<typeof PreviewBody>
