import { type DnsFlag, decodeMessage, encodeMessage } from '../message/message.ts'
import { toQuestion } from '../message/question.ts'

/** Which records are asked for. */
export interface Query {
  readonly name: string
  readonly type: string
}

/** What somebody answered; `ttl` is the least of its records. No values: there is no such record. */
export type Reading =
  | { readonly ok: true; readonly values: readonly string[]; readonly ttl: number | undefined }
  | { readonly ok: false; readonly why: string }

/** How a question is sent: its id comes back with the answer. */
export interface Asking {
  readonly id: number
  readonly flags: readonly DnsFlag[]
}

/** A question as bytes (RFC 1035 §4.1). */
export function toQuery(query: Query, { id, flags }: Asking): Uint8Array<ArrayBuffer> | undefined {
  const encoded = encodeMessage({ ...toQuestion(query, flags), id })
  return encoded.ok ? encoded.bytes : undefined
}

/** Reads the answer to a question; `needs` is what its header must say beside. */
export function readAnswer(
  bytes: Uint8Array,
  { name, type }: Query,
  { id, needs }: { readonly id: number; readonly needs: readonly DnsFlag[] },
): Reading {
  const decoded = decodeMessage(bytes)
  if (!decoded.ok) return { ok: false, why: `its answer is none: ${decoded.error}` }
  const { message } = decoded
  const { flags, questions, rcode } = message
  const [question] = questions
  // Some servers leave the question out of an error.
  const isOther = question !== undefined && (question.name !== name || question.type !== type)
  if (message.id !== id || !flags.includes('response') || isOther) {
    return { ok: false, why: 'it answered another question' }
  }
  if (rcode !== 'NOERROR' && rcode !== 'NXDOMAIN') return { ok: false, why: `it answered ${rcode}` }
  if (flags.includes('truncated')) return { ok: false, why: 'its answer is cut short' }
  const lacks = needs.find((flag) => !flags.includes(flag))
  if (lacks !== undefined)
    return { ok: false, why: `its answer is not ${lacks}: it does not keep this zone` }
  const records = message.answers.filter((record) => record.name === name && record.type === type)
  const ttls = records.map(({ ttl }) => ttl)
  return {
    ok: true,
    values: records.map(({ value }) => value),
    ttl: ttls.length === 0 ? undefined : Math.min(...ttls),
  }
}
