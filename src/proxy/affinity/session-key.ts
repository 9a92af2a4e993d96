import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'
import { toBase64url } from '../../core/kernel/base64url.ts'
import type { Affinity } from '../../schema/affinity.ts'

/** By what a session is told from others. Cookies of both types name theirs the same way. */
type Kind = 'cookie' | 'header' | 'ip'

const KINDS: Readonly<Record<Affinity['type'], Kind>> = {
  cookie: 'cookie',
  'ip-cookie': 'cookie',
  header: 'header',
  ip: 'ip',
}

/** The name of a session: its route, its kind and what the client says of it. */
export function sessionNameOf(route: string, type: Affinity['type'], value: string): string {
  // No id has a space.
  return `${route} ${KINDS[type]} ${value}`
}

/** Half of a SHA-256: two sessions of a billion share one with a chance of 1 in 10^21. */
const KEY_BYTES = 16

/** The key of a session by its name: nothing that a client says of itself is at rest anywhere. */
export function sessionKeyFor(name: string): string {
  return toBase64url(sha256(utf8ToBytes(name)).subarray(0, KEY_BYTES))
}

/** A name for a session that a cookie shall carry: 128 bits of chance. */
export function drawSessionId(): string {
  return toBase64url(crypto.getRandomValues(new Uint8Array(KEY_BYTES)))
}
