import * as z from 'zod'
import { Id } from './id.ts'
import { Health } from './health.ts'

const at = z.number().describe('Milliseconds since the epoch.')

/** Why an origin or a whole pool is passed over, with the numbers that explain it. */
export const ExclusionReason = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('unhealthy'),
    health: Health,
    evidence: z.string(),
    sinceMs: at,
  }),
  z.strictObject({ type: z.literal('maintenance') }),
  z.strictObject({
    type: z.literal('draining'),
    leavingPercent: z
      .number()
      .optional()
      .describe('For a client that is bound there: how many such clients have to leave by now.'),
  }),
  z.strictObject({ type: z.literal('ejected'), remainingMs: z.number(), cause: z.string() }),
  z.strictObject({
    type: z.literal('not-admitted'),
    sharePercent: z.number(),
    bucketPercent: z.number().describe('Where the key falls; admitted below the share.'),
  }),
  z.strictObject({
    type: z.literal('at-capacity'),
    inFlight: z.int(),
    maxConnections: z.int(),
  }),
  z.strictObject({ type: z.literal('on-trial'), underWay: z.int(), trials: z.int() }),
  z.strictObject({
    type: z.literal('shed'),
    shedPercent: z.number(),
    bucketPercent: z.number(),
    why: z.string(),
  }),
  z.strictObject({
    type: z.literal('pool-down'),
    usable: z.int(),
    minimumOrigins: z.int(),
  }),
])
export type ExclusionReason = z.output<typeof ExclusionReason>

/** How a window of a rate limit stands for the one who asks. */
export const QuotaStanding = z.strictObject({
  policy: z.string(),
  requests: z.int(),
  perMs: z.number(),
  left: z.int().optional().describe('Absent where only the platform knows.'),
  moreInMs: z.number().optional().describe('Until there is one more than now; absent when full.'),
})
export type QuotaStanding = z.output<typeof QuotaStanding>

/** Why a request gets an answer from the router and none from an origin. */
export const RefusalReason = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('no-snapshot') }),
  z.strictObject({ type: z.literal('no-route') }),
  z.strictObject({
    type: z.literal('no-origin'),
    route: Id,
    excluded: z.int(),
    retryAfterMs: z.number(),
  }),
  z
    .strictObject({ type: z.literal('overloaded'), route: Id, retryAfterMs: z.number() })
    .describe('Every origin that could serve is full, or its pool sheds load.'),
  z
    .strictObject({ type: z.literal('session-out'), origin: Id, retryAfterMs: z.number() })
    .describe('The one origin that knows the session is out, and the route allows no other.'),
  z.strictObject({
    type: z.literal('rate-limited'),
    limit: Id,
    requests: z.int(),
    perMs: z.number(),
    retryAfterMs: z.number(),
    standings: z.array(QuotaStanding).describe('Every window of the limit.'),
  }),
  z.strictObject({
    type: z.literal('too-many-at-once'),
    per: z.enum(['address', 'route']),
    most: z.int(),
    retryAfterMs: z.number(),
  }),
  z.strictObject({ type: z.literal('loop'), via: z.string() }),
  z.strictObject({ type: z.literal('bad-request'), detail: z.string() }),
  z.strictObject({
    type: z.literal('origin-failed'),
    origin: Id,
    attempts: z.int(),
    detail: z.string(),
  }),
  z.strictObject({
    type: z.literal('origin-timeout'),
    origin: Id,
    attempts: z.int(),
    timeoutMs: z.number(),
  }),
])
export type RefusalReason = z.output<typeof RefusalReason>
