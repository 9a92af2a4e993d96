import * as z from 'zod'
import { boundedRecord } from './bounded-record.ts'
import { duration } from './duration.ts'
import { Id } from './id.ts'
import { SecretName } from './secret.ts'

/** What can be told. */
export const NoticeKind = z.enum(['health', 'ramp', 'interlock', 'configuration', 'dns'])
export type NoticeKind = z.output<typeof NoticeKind>

/** An address that messages may leave to. */
export const NotificationUrl = z
  .url({ protocol: /^https?$/ })
  .max(2048)
  .refine((url) => /^https:|^http:\/\/(localhost|127\.0\.0\.1|\[::1\])[:/]/.test(url), {
    error: 'notifications leave by https; http is for this very machine',
  })

const common = {
  kinds: z.array(NoticeKind).min(1).max(5).default(['health', 'ramp', 'interlock', 'dns']),
  group: duration({ min: '0ms', max: '5m' })
    .prefault('5s')
    .describe('What happens within so long of each other is told in one message.'),
}

const Webhook = z.strictObject({
  type: z.literal('webhook'),
  url: NotificationUrl,
  secret: SecretName.optional().describe(
    'Key of the signature: HMAC-SHA256 over timestamp and body. Without it messages are unsigned.',
  ),
})

const Slack = z.strictObject({
  type: z.literal('slack'),
  url: z.strictObject({ secret: SecretName }).describe('The incoming webhook of a channel.'),
})

const PagerDuty = z.strictObject({
  type: z.literal('pagerduty'),
  routingKey: z.strictObject({ secret: SecretName }),
  url: NotificationUrl.default('https://events.pagerduty.com/v2/enqueue'),
})

/** Where messages for somebody go. Addresses that are secrets themselves are named by their binding. */
export const Address = z.discriminatedUnion('type', [Webhook, Slack, PagerDuty])
export type Address = z.output<typeof Address>

/** Somebody to be told. */
export const Notification = z.discriminatedUnion('type', [
  Webhook.extend(common),
  Slack.extend(common),
  PagerDuty.extend(common),
])
export type Notification = z.output<typeof Notification>

/** Everybody to be told, by id. */
export const Notifications = boundedRecord(Id, Notification, { most: 20, plural: 'notifications' })
