import type { Delivery, Message } from '../../src/schema/notice.ts'
import type { Address } from '../../src/schema/notification.ts'
import { parseRetryAfter } from '../../src/outbound/retry-after.ts'
import { clip } from '../../src/state/outbox/notice.ts'
import { EXPIRED, withDeadline } from '../../src/outbound/deadline.ts'
import type { Letter, Prepared } from './letter.ts'
import { toPagerDuty } from './pagerduty.ts'
import { toSlack } from './slack.ts'
import { toWebhook } from './webhook.ts'

/** How long one receiver may take, its whole answer included. */
export const DELIVERY_TIMEOUT_MS = 10_000

/** The header by which a receiver knows a message that it has seen before. */
export const MESSAGE_HEADER = 'portolan-message'

/** What is read of an answer, and what is kept of it: enough to tell what is wrong. */
const ANSWER = { read: 4096, kept: 300 } as const

/** Makes one attempt. Never throws, never follows a redirect, and no secret is in what it says. */
export async function deliver(
  message: Message,
  address: Address,
  bindings: object,
): Promise<Delivery> {
  const prepared = await prepare(message, address, bindings)
  if (!prepared.ok) return { outcome: 'failed', why: prepared.why, next: 'hold' }
  const { letter } = prepared
  const delivery = await withDeadline(DELIVERY_TIMEOUT_MS, ({ signal }) =>
    post(letter, message.id, signal),
  ).catch((error: unknown) => failed(`no answer: ${toText(error)}`, 'retry'))
  if (delivery === EXPIRED) return failed(`no answer within ${DELIVERY_TIMEOUT_MS} ms`, 'retry')
  if (delivery.outcome === 'delivered') return delivery
  // First redacted, then cut: a secret that is cut in two would not be found.
  return { ...delivery, why: clip(redact(delivery.why, letter.secrets), ANSWER.kept) }
}

function prepare(
  message: Message,
  address: Address,
  bindings: object,
): Prepared | Promise<Prepared> {
  switch (address.type) {
    case 'webhook':
      return toWebhook(message, address, bindings)
    case 'slack':
      return toSlack(message, address, bindings)
    case 'pagerduty':
      return toPagerDuty(message, address, bindings)
  }
}

async function post(letter: Letter, id: string, signal: AbortSignal): Promise<Delivery> {
  const response = await fetch(letter.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'user-agent': 'Portolan',
      [MESSAGE_HEADER]: id,
      ...letter.headers,
    },
    body: letter.body,
    redirect: 'manual',
    signal,
  })
  if (response.ok) {
    await response.body?.cancel()
    return { outcome: 'delivered' }
  }
  return judge(response, await readStart(response), letter)
}

function judge({ status, headers }: Response, text: string, { misconfigured }: Letter): Delivery {
  const why = `status ${status}${text === '' ? '' : `: ${text}`}`
  if (status >= 300 && status < 400) return failed(`${why} (redirects are not followed)`, 'hold')
  if (status === 408 || status === 425 || status === 429 || status >= 500) {
    const retryAfterMs = parseRetryAfter(headers.get('retry-after'), Date.now())
    return { ...failed(why, 'retry'), retryAfterMs }
  }
  const isMessage = [400, 413, 415, 422].includes(status) && misconfigured?.test(text) !== true
  return failed(why, isMessage ? 'drop' : 'hold')
}

function failed(why: string, next: 'retry' | 'hold' | 'drop') {
  return { outcome: 'failed', why, next } as const
}

/** The first part of a body as one line. */
async function readStart(response: Response): Promise<string> {
  const reader: ReadableStreamDefaultReader<Uint8Array> | undefined = response.body?.getReader()
  if (reader === undefined) return ''
  const decoder = new TextDecoder()
  let text = ''
  while (text.length < ANSWER.read) {
    const { done, value } = await reader.read()
    if (done) break
    text += decoder.decode(value, { stream: true })
  }
  await reader.cancel()
  return text.replaceAll(/\s+/g, ' ').trim()
}

/** A receiver may say back what it was told, and the runtime may name the address that it could not reach. */
function redact(text: string, secrets: readonly string[]): string {
  return secrets.reduce((rest, secret) => rest.replaceAll(secret, '…'), text)
}

function toText(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
