import { type SigningKeys, toSigningKeys } from '../../core/affinity/signing-key.ts'
import {
  type AffinityToken,
  type Flaw,
  readToken,
  TOKEN_CHARACTERS,
} from '../../core/affinity/token.ts'
import type { AffinityKey } from '../../schema/snapshot.ts'

/** What came of affinity in this isolate, since it began. */
export interface AffinityCounts {
  /** Requests of clients that stayed where they belong. */
  kept: number
  /** Clients that belonged nowhere, and have been told where. */
  bound: number
  /** Clients that belonged to an origin that was out, and belong to another now. */
  moved: number
  /** Tokens that were ignored: not signed by us, too old, or of a key or for an origin that is none here. */
  tampered: number
  expired: number
  foreign: number
}

/** What an isolate keeps to verify cookies with. */
export interface AffinityMemory {
  readonly counts: AffinityCounts
  ring: readonly AffinityKey[]
  keys: SigningKeys
  verified: Verified
}

/**
 * Tokens that were verified, by name and text: a signature costs sixty times as much as looking here. Those that were
 * read of late, and those that were read before: when the young are half of all that may be, they are the old ones. To
 * find the oldest of one map takes V8 the longer the more have gone, which costs a third of what verifying does.
 */
interface Verified {
  young: Map<string, AffinityToken>
  old: Map<string, AffinityToken>
}

/** Verified tokens kept: about 2 MB, as many clients as one isolate is likely to see at a time. */
export const MOST_TOKENS = 4096

/** Nothing verified, and nothing to do it with. */
export function createAffinityMemory(): AffinityMemory {
  const counts = { kept: 0, bound: 0, moved: 0, tampered: 0, expired: 0, foreign: 0 }
  return { counts, ring: [], keys: toSigningKeys([]), verified: nothingVerified() }
}

function nothingVerified(): Verified {
  return { young: new Map(), old: new Map() }
}

/** The keys of a snapshot, made ready once. */
export function keysOf(memory: AffinityMemory, ring: readonly AffinityKey[]): SigningKeys {
  if (memory.ring === ring) return memory.keys
  const isSame = isSameRing(memory.ring, ring)
  memory.ring = ring
  if (isSame) return memory.keys
  memory.keys = toSigningKeys(ring)
  // One of them may have been revoked, and what it signed with it.
  memory.verified = nothingVerified()
  return memory.keys
}

/** Every generation brings the keys along, and hardly ever others. */
function isSameRing(before: readonly AffinityKey[], after: readonly AffinityKey[]): boolean {
  return (
    before.length === after.length &&
    after.every(({ id, secret }, at) => before[at]?.id === id && before[at].secret === secret)
  )
}

/** Reads a token of the cookie by this name, from memory where it is known. */
export function recall(memory: AffinityMemory, name: string, value: string): AffinityToken | Flaw {
  if (value.length > TOKEN_CHARACTERS) return 'tampered'
  // A text of its own: a slice of the header would keep the whole header alive.
  const text = `${name}=${value}`
  const { verified } = memory
  const known = verified.young.get(text)
  if (known) return known
  const read = verified.old.get(text) ?? verify(text.slice(name.length + 1), name, memory)
  if (typeof read !== 'string') remember(verified, text, read)
  return read
}

function verify(text: string, name: string, { keys }: AffinityMemory): AffinityToken | Flaw {
  const read = readToken(text, name, keys)
  return read.ok ? read.token : read.flaw
}

/** Only what was verified is kept, so that nobody can fill this with what he makes up. */
function remember(verified: Verified, text: string, token: AffinityToken): void {
  if (verified.young.size >= MOST_TOKENS / 2) {
    verified.old = verified.young
    verified.young = new Map()
  }
  verified.young.set(text, token)
}
