import type { Message } from '../../src/schema/notice.ts'
import type { Address } from '../../src/schema/notification.ts'
import { readSecret } from '../../src/outbound/secret.ts'
import type { Prepared } from './letter.ts'

/** An event of PagerDuty's Events API v2: it opens or resolves the incident of its key. */
export function toPagerDuty(
  message: Message,
  { url, routingKey }: Extract<Address, { type: 'pagerduty' }>,
  bindings: object,
): Prepared {
  const secret = readSecret(bindings, routingKey.secret)
  if (!secret.ok) return secret
  const isResolve = message.action === 'resolve'
  const body = JSON.stringify({
    routing_key: secret.value,
    event_action: isResolve ? 'resolve' : 'trigger',
    dedup_key: message.dedupKey,
    ...(!isResolve && { client: 'Portolan', payload: toPayload(message) }),
  })
  // "Length of 'routing_key' is incorrect": no other message would fare better.
  const misconfigured = /routing_key/
  return { ok: true, letter: { url, headers: {}, body, secrets: [secret.value], misconfigured } }
}

function toPayload(message: Message) {
  const { id, source, severity, title, text, notices, omitted, createdAtMs } = message
  const [first] = notices
  const subject = first?.subject
  const group = subject?.pool ?? (subject?.type === 'pool' ? subject.id : undefined)
  return {
    summary: title,
    source,
    severity,
    timestamp: new Date(createdAtMs).toISOString(),
    ...(subject && { component: `${subject.type}:${subject.id}` }),
    ...(group !== undefined && { group }),
    ...(first && { class: first.kind }),
    custom_details: {
      text,
      message: id,
      notices: notices.map(({ title: line, text: evidence }) => `${line}: ${evidence}`),
      ...(omitted > 0 && { omitted }),
    },
  }
}
