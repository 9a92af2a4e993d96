import * as z from 'zod'
import { Id } from './id.ts'
import { NoticeKind } from './notification.ts'

/** The most that a notice may hold, in characters. What is longer is cut when it is told. */
export const NOTICE_LIMITS = { id: 128, title: 200, text: 1024, dedupKey: 200 } as const

/** How bad it is: the words of PagerDuty's Events API, from mild to severe. */
export const Severity = z.enum(['info', 'warning', 'error', 'critical'])
export type Severity = z.output<typeof Severity>

/** What a notice is about. Those about one pool and its origins, or about the records of one zone, are told together. */
export const NoticeSubject = z.strictObject({
  type: z.enum(['origin', 'pool', 'route', 'configuration', 'record', 'zone']),
  id: z.string().max(NOTICE_LIMITS.id),
  pool: Id.optional().describe('The pool of an origin; a pool need not name itself.'),
  origins: z.int().min(0).optional().describe('How many origins that pool has.'),
  zone: z
    .string()
    .max(NOTICE_LIMITS.id)
    .optional()
    .describe('"provider/zone" of a record; a zone need not name itself.'),
})
export type NoticeSubject = z.output<typeof NoticeSubject>

/** Something that operators want to know. */
export const Notice = z.strictObject({
  id: z.string().max(NOTICE_LIMITS.id),
  kind: NoticeKind,
  severity: Severity,
  subject: NoticeSubject,
  title: z.string().max(NOTICE_LIMITS.title).describe('One line: "origin us-1 is unhealthy".'),
  text: z.string().max(NOTICE_LIMITS.text).describe('Evidence, in words and numbers.'),
  dedupKey: z
    .string()
    .max(NOTICE_LIMITS.dedupKey)
    .describe('Names the matter: what opens it and what resolves it carry the same.'),
  resolves: z.boolean().describe('Whether it says that the matter is over.'),
  atMs: z.number(),
})
export type Notice = z.output<typeof Notice>

/** What a receiver gets: one or more notices of one group, in words and in full. */
export const Message = z.strictObject({
  id: z.string().describe('The same at every attempt, so that a receiver can tell a repetition.'),
  source: z.string().describe('The name of the deployment.'),
  action: z
    .enum(['trigger', 'resolve', 'inform'])
    .describe('"resolve" when nothing of its group is left open, "inform" when nothing was.'),
  severity: Severity,
  title: z.string(),
  text: z.string(),
  dedupKey: z.string().describe('Of the group; at most 255 characters (PagerDuty).'),
  notices: z.array(Notice).describe('The last word on each matter, the oldest matter first.'),
  omitted: z.int().describe('Notices that found no place in `notices`.'),
  lost: z.int().describe('Messages to this receiver that were dropped before this one.'),
  createdAtMs: z.number(),
})
export type Message = z.output<typeof Message>

/** How delivery to one receiver stands. */
export const ReceiverView = z.strictObject({
  id: Id,
  type: z.enum(['webhook', 'slack', 'pagerduty']),
  kinds: z.array(NoticeKind),
  pending: z.int().describe('Messages that wait.'),
  delivered: z.int(),
  dropped: z.int().describe('Refused, too old, or too many.'),
  failures: z.int().describe('Failed attempts since the last that did not.'),
  deliveredAtMs: z.number().optional(),
  nextAttemptAtMs: z.number().optional(),
  lastError: z.strictObject({ why: z.string(), atMs: z.number() }).optional(),
})
export type ReceiverView = z.output<typeof ReceiverView>

/** What became of one attempt to deliver. */
export const Delivery = z.discriminatedUnion('outcome', [
  z.strictObject({ outcome: z.literal('delivered') }),
  z.strictObject({
    outcome: z.literal('failed'),
    why: z.string(),
    next: z
      .enum(['retry', 'hold', 'drop'])
      .describe(
        '"retry": soon. "hold": somebody has to mend something first; tried again after the longest pause ' +
          'or when the configuration changes. "drop": this very message is refused.',
      ),
    retryAfterMs: z.number().optional().describe('What the receiver asked for.'),
  }),
])
export type Delivery = z.output<typeof Delivery>
