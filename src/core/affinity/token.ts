import type { SigningKey, SigningKeys } from './signing-key.ts'

/** What a client's cookie says of where it belongs. */
export interface AffinityToken {
  readonly origin: string
  readonly boundAtMs: number
  /** When the cookie was last set: the client was there then. To the second. */
  readonly usedAtMs: number
  /** To the second. */
  readonly expiresAtMs: number
  /** Of the store "durable": names the session there. */
  readonly session?: string
}

/** Why a text is no token of ours: it has another form or another tag than ours, or a key that we do not have. */
export type Flaw = 'tampered' | 'foreign'

/** A token that was verified, or what is wrong with it. */
export type ReadToken =
  | { readonly ok: true; readonly token: AffinityToken }
  | { readonly ok: false; readonly flaw: Flaw }

/** No token is longer; whatever is longer is not even looked at. */
export const TOKEN_CHARACTERS = 192

/** Version and purpose, key, origin, bound (ms), used and expires (s after that), session, tag. Numbers to base 36. */
const TOKEN =
  /^a1~([a-z2-7]{1,16})~([a-z][a-z0-9_.-]{0,62})~([0-9a-z]{1,9})~([0-9a-z]{1,7})~([0-9a-z]{1,7})(?:~([\w-]{22}))?~([\w-]{22})$/

/**
 * Writes a token for the cookie of a name. "~" separates since no id has it, and nobody encodes it. The name is signed
 * too: what is said under one name says nothing under another.
 */
export function writeToken(key: SigningKey, name: string, token: AffinityToken): string {
  const { origin, boundAtMs, session } = token
  const fields = [
    'a1',
    key.id,
    origin,
    boundAtMs.toString(36),
    toSeconds(token.usedAtMs - boundAtMs),
    toSeconds(token.expiresAtMs - boundAtMs),
    ...(session === undefined ? [] : [session]),
  ]
  return sign(key, name, fields.join('~'))
}

/** Reads a token from the cookie of a name. Whatever the text, it never throws; whether it has expired is not asked. */
export function readToken(text: string, name: string, keys: SigningKeys): ReadToken {
  const [, id = '', origin = '', bound = '', used = '', expires = '', session] =
    text.length > TOKEN_CHARACTERS ? [] : (TOKEN.exec(text) ?? [])
  if (origin === '') return { ok: false, flaw: 'tampered' }
  const flaw = verify(text, { id, name }, keys)
  if (flaw !== undefined) return { ok: false, flaw }
  const boundAtMs = Number.parseInt(bound, 36)
  const token = {
    origin,
    boundAtMs,
    usedAtMs: boundAtMs + Number.parseInt(used, 36) * 1000,
    expiresAtMs: boundAtMs + Number.parseInt(expires, 36) * 1000,
    ...(session !== undefined && { session }),
  }
  return { ok: true, token }
}

/** Whether a client wrote of late, or what is wrong with the text that says so. */
export type ReadWrote =
  | { readonly ok: true; readonly untilMs: number }
  | { readonly ok: false; readonly flaw: Flaw }

const WROTE = /^w1~([a-z2-7]{1,16})~([0-9a-z]{1,9})~([\w-]{22})$/

/** Writes until when a client reads where it wrote. */
export function writeWrote(key: SigningKey, name: string, untilMs: number): string {
  return sign(key, name, `w1~${key.id}~${untilMs.toString(36)}`)
}

/** Reads it again. Never throws. */
export function readWrote(text: string, name: string, keys: SigningKeys): ReadWrote {
  const [, id = '', until = ''] = text.length > TOKEN_CHARACTERS ? [] : (WROTE.exec(text) ?? [])
  if (until === '') return { ok: false, flaw: 'tampered' }
  const flaw = verify(text, { id, name }, keys)
  return flaw === undefined
    ? { ok: true, untilMs: Number.parseInt(until, 36) }
    : { ok: false, flaw }
}

function toSeconds(ms: number): string {
  return Math.max(0, Math.floor(ms / 1000)).toString(36)
}

function sign(key: SigningKey, name: string, body: string): string {
  return `${body}~${key.tagOf(`${name}\n${body}`)}`
}

interface Signed {
  readonly id: string
  readonly name: string
}

function verify(text: string, { id, name }: Signed, { byId }: SigningKeys): Flaw | undefined {
  const key = byId.get(id)
  if (key === undefined) return 'foreign'
  const end = text.lastIndexOf('~')
  const tag = key.tagOf(`${name}\n${text.slice(0, end)}`)
  return isSame(tag, text.slice(end + 1)) ? undefined : 'tampered'
}

/** Takes as long wherever two texts of one length differ. */
function isSame(left: string, right: string): boolean {
  let difference = left.length ^ right.length
  for (let at = 0; at < left.length; at += 1) {
    difference |= left.charCodeAt(at) ^ right.charCodeAt(at)
  }
  return difference === 0
}
