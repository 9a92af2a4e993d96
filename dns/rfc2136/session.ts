import { type DnsMessage, encodeMessage } from '../message/message.ts'
import type { DnsRequest } from '../message/question.ts'
import { toTransportFailure, toUnsignedCode, toVerdictFailure } from './words.ts'
import type { DnsConnection, Exchanged } from '../tcp.ts'
import { type SignedMessage, type TsigKey, signMessage, verifyAnswer } from './tsig.ts'
import type { DnsFailure } from '../../src/schema/dns-record-set.ts'

/** What came back for one request: a message whose signature is right, or why what came is not believed. */
export type Reply =
  | { readonly ok: true; readonly message: DnsMessage }
  | {
      readonly ok: false
      readonly failure: DnsFailure
      /** What it says, where it says so without a signature: an rcode, or the error of TSIG. */
      readonly unsigned?: string
    }

/** A reply to each request, in the order of these; or why there is none. */
export type Conversed =
  | { readonly ok: true; readonly replies: readonly Reply[] }
  | { readonly ok: false; readonly sent: boolean; readonly failure: DnsFailure }

/** A conversation with a name server in which everything is signed. */
export interface Session {
  /** Sends requests at once and waits for their answers. After a failure it is of no more use, as the connection. */
  ask(requests: readonly DnsRequest[]): Promise<Conversed>
  close(): Promise<void>
}

/** What a session needs. */
export interface SessionOptions {
  readonly connection: DnsConnection
  readonly key: TsigKey
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** So many requests are under way at once: a server reads no further while it cannot be rid of its answers. */
const MOST_AT_ONCE = 64

/** Opens a conversation over a connection. */
export function openSession({ connection, key, now }: SessionOptions): Session {
  async function converse(requests: readonly DnsRequest[]): Promise<Conversed> {
    const sealed = await seal(requests, key, now())
    if (!sealed.ok) return sealed
    const exchanged = await connection.exchange(sealed.signed.map(({ bytes }) => bytes))
    if (!exchanged.ok) {
      return { ok: false, sent: exchanged.sent, failure: toTransportFailure(exchanged) }
    }
    const answers = byId(exchanged)
    const replies = sealed.signed.map((signed, at) =>
      unseal(answers.get(idOf(signed.bytes)), { signed, key, request: requests[at], nowMs: now() }),
    )
    return { ok: true, replies: await Promise.all(replies) }
  }

  return {
    async ask(requests) {
      const replies: Reply[] = []
      for (let at = 0; at < requests.length; at += MOST_AT_ONCE) {
        const conversed = await converse(requests.slice(at, at + MOST_AT_ONCE))
        if (!conversed.ok) return conversed
        replies.push(...conversed.replies)
      }
      return { ok: true, replies }
    },
    close: () => connection.close(),
  }
}

type Sealed =
  | { readonly ok: true; readonly signed: readonly SignedMessage[] }
  | Extract<Conversed, { ok: false }>

async function seal(requests: readonly DnsRequest[], key: TsigKey, nowMs: number): Promise<Sealed> {
  const [first = 0] = crypto.getRandomValues(new Uint16Array(1))
  const signed: SignedMessage[] = []
  for (const [at, request] of requests.entries()) {
    const encoded = encodeMessage({ ...request, id: (first + at) % 0x1_0000 })
    if (!encoded.ok) {
      const detail = `this cannot be asked of a name server: ${encoded.error}`
      return { ok: false, sent: false, failure: { kind: 'refused', detail } }
    }
    signed.push(await signMessage(encoded.bytes, key, nowMs))
  }
  return { ok: true, signed }
}

interface Unsealing {
  readonly signed: SignedMessage
  readonly key: TsigKey
  readonly request: DnsRequest | undefined
  readonly nowMs: number
}

async function unseal(answer: Uint8Array | undefined, unsealing: Unsealing): Promise<Reply> {
  const { signed, key, request, nowMs } = unsealing
  if (!answer) return garbled('its answer has the id of no question')
  const verified = await verifyAnswer(answer, { key, requestMac: signed.mac, nowMs })
  if (verified.verdict !== 'trusted') {
    const failure = toVerdictFailure(verified, key, nowMs)
    if (verified.verdict !== 'unsigned') return { ok: false, failure }
    return { ok: false, failure, unsigned: toUnsignedCode(verified) }
  }
  const { message } = verified
  const isAnswer = message.flags.includes('response') && message.opcode === request?.opcode
  if (!isAnswer) return garbled('its answer is none to what was asked')
  if (message.flags.includes('truncated')) return garbled('its answer is cut off')
  return { ok: true, message }
}

function byId({ answers }: Extract<Exchanged, { ok: true }>): ReadonlyMap<number, Uint8Array> {
  return new Map(answers.map((answer) => [idOf(answer), answer]))
}

/** Of fewer than two octets: no id, since none is -1. */
function idOf([high, low]: Uint8Array): number {
  return high === undefined || low === undefined ? -1 : high * 0x100 + low
}

function garbled(why: string): Reply {
  return {
    ok: false,
    failure: { kind: 'garbled', detail: `the name server cannot be followed: ${why}` },
  }
}
