import { fromBase64 } from '../message/base64.ts'
import { type DnsMessage, decodeMessage } from '../message/message.ts'
import {
  TSIG_ALGORITHMS,
  type TsigRecord,
  readTsig,
  toSignedVariables,
  writeTsig,
} from './tsig-record.ts'

/** How far two clocks may be apart, in seconds: what RFC 8945 §10 recommends. */
export const FUDGE_SECONDS = 300

/** A key that a name server knows by the same name. */
export interface TsigKey {
  readonly name: string
  readonly algorithm: keyof typeof TSIG_ALGORITHMS
  readonly hmac: CryptoKey
}

/** A message with its signature, and the code of it, which the answer is signed with, too. */
export interface SignedMessage {
  readonly bytes: Uint8Array
  readonly mac: Uint8Array
}

/** An answer, and what it is worth. */
export type Verified =
  | { readonly verdict: 'trusted'; readonly message: DnsMessage }
  /** Signed: the moment of the request is too far from that of the server. */
  | { readonly verdict: 'bad-time'; readonly serverMs: number }
  /** Without a signature, as an error may be (RFC 8945 §5.3.2): to be told, and not to be believed. */
  | { readonly verdict: 'unsigned'; readonly message: DnsMessage; readonly error: string }
  /** No message at all, or a signature that is wrong: nothing of it is even told. */
  | { readonly verdict: 'refused'; readonly why: string }

/** Makes a key from its secret; undefined when that is no base64. */
export async function importTsigKey(
  { name, algorithm }: Pick<TsigKey, 'name' | 'algorithm'>,
  base64: string,
): Promise<TsigKey | undefined> {
  const secret = fromBase64(base64)
  if (!secret || secret.length === 0) return undefined
  const { hash } = TSIG_ALGORITHMS[algorithm]
  const hmac = await crypto.subtle.importKey('raw', secret, { name: 'HMAC', hash }, false, [
    'sign',
    'verify',
  ])
  return { name, algorithm, hmac }
}

/** Signs a message (RFC 8945 §5.1): a TSIG record becomes the last of its additional ones. */
export async function signMessage(
  message: Uint8Array,
  key: TsigKey,
  nowMs: number,
): Promise<SignedMessage> {
  const unsigned: TsigRecord = {
    keyName: key.name,
    algorithm: key.algorithm,
    timeSigned: Math.floor(nowMs / 1000),
    fudgeSeconds: FUDGE_SECONDS,
    mac: new Uint8Array(),
    originalId: idOf(message),
    error: 'NOERROR',
    other: new Uint8Array(),
  }
  const digested = Uint8Array.from([...message, ...toSignedVariables(unsigned)])
  const mac = new Uint8Array(await crypto.subtle.sign('HMAC', key.hmac, digested))
  const signed = Uint8Array.from([...message, ...writeTsig({ ...unsigned, mac })])
  addToAdditionals(signed, 1)
  return { bytes: signed, mac }
}

/**
 * Looks at the answer to a signed request (RFC 8945 §5.3, §5.4.3): its signature must be of the same key, whole, over
 * the code of the request and all of the answer, and its moment near to `nowMs`.
 */
export async function verifyAnswer(
  bytes: Uint8Array,
  { key, requestMac, nowMs }: VerifyOptions,
): Promise<Verified> {
  const decoded = decodeMessage(bytes)
  if (!decoded.ok) return refused(`it is no message of DNS: ${decoded.error}`)
  const { message, lastRecordAt } = decoded
  if (!message.additionals.some(({ type }) => type === 'TSIG')) {
    return { verdict: 'unsigned', message, error: 'NOERROR' }
  }
  const tsig = readTsig(bytes, lastRecordAt)
  if (!tsig) return refused('its TSIG record is garbled, or not its last one')
  if (tsig.mac.length === 0) return { verdict: 'unsigned', message, error: tsig.error }
  if (tsig.keyName !== key.name || tsig.algorithm !== key.algorithm) {
    return refused(`it is signed with the key "${tsig.keyName}" (${tsig.algorithm})`)
  }
  const { octets } = TSIG_ALGORITHMS[key.algorithm]
  if (tsig.mac.length !== octets) {
    return refused(`its signature has ${tsig.mac.length} octets instead of ${octets}`)
  }
  const digested = toDigested(bytes.subarray(0, lastRecordAt), tsig, requestMac)
  // A copy, since the type of WebCrypto takes no view of memory that could be shared.
  const isTrue = await crypto.subtle.verify('HMAC', key.hmac, tsig.mac.slice(), digested)
  if (!isTrue) return refused('its signature is wrong')
  if (tsig.error === 'BADTIME') return tellTime(tsig)
  const apartSeconds = Math.abs(nowMs / 1000 - tsig.timeSigned)
  if (apartSeconds > tsig.fudgeSeconds) {
    return refused(`it was signed ${Math.round(apartSeconds)} s from now`)
  }
  return { verdict: 'trusted', message }
}

/** What an answer is verified with. */
export interface VerifyOptions {
  readonly key: TsigKey
  readonly requestMac: Uint8Array
  readonly nowMs: number
}

function refused(why: string): Verified {
  return { verdict: 'refused', why }
}

/** What an answer is signed over: the code of the request behind its length, the message as it was signed, and the variables. */
function toDigested(
  signed: Uint8Array,
  tsig: TsigRecord,
  requestMac: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const message = signed.slice()
  message.set([tsig.originalId >> 8, tsig.originalId & 255])
  addToAdditionals(message, -1)
  const length = [requestMac.length >> 8, requestMac.length & 255]
  return Uint8Array.from([...length, ...requestMac, ...message, ...toSignedVariables(tsig)])
}

function idOf(message: Uint8Array): number {
  return new DataView(message.buffer, message.byteOffset, 2).getUint16(0)
}

/** The number of additional records is the last of the header (RFC 1035 §4.1.1). */
function addToAdditionals(message: Uint8Array, by: number): void {
  const view = new DataView(message.buffer, message.byteOffset)
  view.setUint16(10, view.getUint16(10) + by)
}

/** The other data of BADTIME: the moment of the server, in seconds of 48 bits (RFC 8945 §5.2.3). */
function tellTime({ other }: TsigRecord): Verified {
  if (other.length !== 6) return refused('it tells no time with BADTIME')
  const seconds = other.reduce((sum, octet) => sum * 0x100 + octet, 0)
  return { verdict: 'bad-time', serverMs: seconds * 1000 }
}
