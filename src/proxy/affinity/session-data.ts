import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import { fromBase64url, toBase64url } from '../../core/kernel/base64url.ts'
import { AFFINITY_LIMITS } from '../../schema/affinity-limits.ts'
import type { CachedSession } from './session-cache.ts'

/** How long a signature is used again: origins that refuse old ones allow for minutes. */
const SIGNED_MS = 30_000

/**
 * The data of a session for its origin: `v1.<data, base64url>.<seconds since 1970>.<HMAC-SHA256 of all before, in
 * hexadecimal>`. Undefined when there is none.
 */
export function toDataHeader(
  session: CachedSession,
  secret: string,
  nowMs: number,
): string | undefined {
  const { data, signed } = session
  if (data === undefined) return undefined
  const isFresh = signed?.data === data && Math.abs(nowMs - signed.atMs) < SIGNED_MS
  if (isFresh) return signed.text
  const text = `v1.${toBase64url(utf8ToBytes(data))}.${Math.floor(nowMs / 1000)}`
  const tag = bytesToHex(hmac(sha256, utf8ToBytes(secret), utf8ToBytes(text)))
  session.signed = { data, atMs: nowMs, text: `${text}.${tag}` }
  return session.signed.text
}

/** No base64url of data that may be kept is longer, padding included. */
const MOST_CHARACTERS = Math.ceil(AFFINITY_LIMITS.dataBytes / 3) * 4

/**
 * What an origin wants kept: `null` for an empty value, undefined for what is no base64url of UTF-8 or too long. Padding
 * is taken as it comes: half of the libraries of the world write it.
 */
export function parseDataHeader(value: string): string | null | undefined {
  if (value === '') return null
  if (value.length > MOST_CHARACTERS) return undefined
  const bytes = fromBase64url(value.replace(/={1,2}$/, ''))
  if (bytes === undefined || bytes.byteLength > AFFINITY_LIMITS.dataBytes) return undefined
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    // A TypeError, and the only one: the bytes are no UTF-8.
    return undefined
  }
}
