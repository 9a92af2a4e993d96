import type { Message } from '../../src/schema/notice.ts'
import type { Address } from '../../src/schema/notification.ts'
import { readSecret } from '../../src/outbound/secret.ts'
import type { Prepared } from './letter.ts'
import { SIGNATURE_HEADER, sign } from './signature.ts'

/** The message itself as JSON, signed where there is a secret. */
export async function toWebhook(
  message: Message,
  address: Extract<Address, { type: 'webhook' }>,
  bindings: object,
): Promise<Prepared> {
  const { url, secret: name } = address
  const body = JSON.stringify(message)
  if (name === undefined) return { ok: true, letter: { url, headers: {}, body, secrets: [] } }
  const secret = readSecret(bindings, name)
  if (!secret.ok) return secret
  // Signed anew at each attempt: receivers refuse signatures that are minutes old.
  const headers = { [SIGNATURE_HEADER]: await sign(body, secret.value, Date.now()) }
  return { ok: true, letter: { url, headers, body, secrets: [secret.value] } }
}
