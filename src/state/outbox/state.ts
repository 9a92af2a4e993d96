import * as z from 'zod'
import { Id } from '../../schema/id.ts'
import { Message, Notice, NoticeSubject, Severity } from '../../schema/notice.ts'
import { Address, NoticeKind } from '../../schema/notification.ts'

/** Bounds of what waits to be told, and how telling keeps trying. */
export const OUTBOX = {
  /** Messages that wait, over all receivers; beyond it the oldest is dropped. */
  messages: 1000,
  /** Matters remembered as open; beyond it the oldest is forgotten. */
  matters: 10_000,
  /** Notices told in full by one message. */
  listed: 10,
  /** How long a message is worth telling. */
  lifeMs: 86_400_000,
  firstRetryMs: 1000,
  longestRetryMs: 600_000,
  /** The most that a receiver may put us off. */
  longestRetryAfterMs: 3_600_000,
  /** An attempt that said nothing for so long is lost. Longer than the shell waits for a receiver. */
  leaseMs: 15_000,
  /**
   * Receivers that are told at the same time. An object may wait for the head of six answers at once (Workers
   * limits), and the way of the snapshot to KV must not queue behind receivers that say nothing.
   */
  atOnce: 3,
  /** Least time between two messages: Slack takes one a second; PagerDuty 120 a minute and key. */
  spacingMs: { webhook: 0, slack: 1000, pagerduty: 500 },
} as const

/** Somebody to be told, and how telling goes. */
export const Receiver = z.object({
  address: Address,
  kinds: z.array(NoticeKind).describe('All but "dns", which release 0.3.0 cannot read.'),
  hearsOfDns: z.boolean().default(false),
  groupMs: z.number(),
  inFlight: z
    .object({ id: z.string(), untilMs: z.number() })
    .nullable()
    .describe('The message on its way, and when it counts as lost.'),
  notBeforeMs: z
    .number()
    .describe('No attempt before it: a pause after a failure, or the spacing.'),
  failures: z.int().min(0).describe('Failed attempts since the last that did not.'),
  delivered: z.int().min(0),
  deliveredAtMs: z.number().nullable(),
  dropped: z.int().min(0),
  untold: z.int().min(0).describe('Dropped messages that no later message has told of.'),
  lastError: z.object({ why: z.string(), atMs: z.number() }).nullable(),
})
export type Receiver = z.output<typeof Receiver>

/** A message that waits. Until its first attempt notices of its group still join it. */
export const QueuedMessage = z.object({
  sequence: z.int().min(1).describe('The order in which a receiver is told.'),
  receiver: Id,
  group: z.string(),
  notices: z.array(Notice),
  omitted: z.int().min(0),
  createdAtMs: z.number(),
  dueAtMs: z.number().describe('When its group is complete.'),
  message: Message.nullable().describe('What is said, fixed by the first attempt.'),
})
export type QueuedMessage = z.output<typeof QueuedMessage>

/** Something that was told as wrong and not yet as over. */
export const Matter = z.object({
  group: z.string(),
  kind: NoticeKind,
  severity: Severity,
  subject: NoticeSubject,
  sinceMs: z.number(),
})
export type Matter = z.output<typeof Matter>

/** What is to be told to whom. Three fields, so that a store can keep the two records entry by entry. */
export const OutboxState = z.object({
  outbox: z.object({
    source: z.string().describe('The name of the deployment.'),
    sequence: z.int().min(0).describe('The highest ever given out.'),
    receivers: z.record(z.string(), Receiver),
  }),
  messages: z.record(z.string(), QueuedMessage).describe('By message id.'),
  matters: z.record(z.string(), Matter).describe('By dedup key.'),
})
export type OutboxState = z.output<typeof OutboxState>

/** Nobody to tell, nothing to say. */
export const initialOutbox: OutboxState = {
  outbox: { source: 'portolan', sequence: 0, receivers: {} },
  messages: {},
  matters: {},
}
