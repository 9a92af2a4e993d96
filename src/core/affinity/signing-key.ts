import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import type { AffinityKey } from '../../schema/snapshot.ts'
import { fromBase64url, toBase64url } from '../kernel/base64url.ts'

/** A key made ready: what HMAC does with the key alone is done. */
export interface SigningKey {
  readonly id: string
  readonly signsFromMs: number
  /** Names a text by 128 bits that nobody makes without the key. */
  tagOf(text: string): string
}

/** What tokens are signed and verified with. */
export interface SigningKeys {
  /** Those that verify. */
  readonly byId: ReadonlyMap<string, SigningKey>
  /** Oldest first. */
  readonly inOrder: readonly SigningKey[]
}

/** Half of SHA-256's output: as much as RFC 2104 §5 asks for at least. */
const TAG_BYTES = 16

/** Makes the keys of a snapshot ready. One whose secret is not readable is left out. */
export function toSigningKeys(keyring: readonly AffinityKey[]): SigningKeys {
  const keys = keyring.flatMap((key) => toSigningKey(key) ?? [])
  return {
    byId: new Map(keys.map((key) => [key.id, key])),
    inOrder: keys.toSorted((left, right) => left.signsFromMs - right.signsFromMs),
  }
}

/**
 * The newest key that may sign at a moment; undefined when there is none at all. A clock that is behind every key signs
 * with the oldest: whoever has the others has that one too.
 */
export function signingKeyAt({ inOrder }: SigningKeys, nowMs: number): SigningKey | undefined {
  return inOrder.findLast(({ signsFromMs }) => signsFromMs <= nowMs) ?? inOrder[0]
}

function toSigningKey({ id, secret, signsFromMs }: AffinityKey): SigningKey | undefined {
  const bytes = fromBase64url(secret)
  if (bytes === undefined) return undefined
  const ready = hmac.create(sha256, bytes)
  return {
    id,
    signsFromMs,
    tagOf: (text) => {
      const digest = ready.clone().update(toBytes(text)).digest()
      return toBase64url(digest.subarray(0, TAG_BYTES))
    },
  }
}

/** All that is signed is ASCII. A text encoder takes four times as long for so little. */
function toBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length)
  for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at)
  return bytes
}
