import { digest } from './digest.ts'

/** RFC 4648 §6, in lower case: 32 letters, so that five bits of a random byte are one without bias. */
const LETTERS = 'abcdefghijklmnopqrstuvwxyz234567'

/** 60 bits that name a token, and 260 that nobody guesses. */
const ID_LENGTH = 12
const SECRET_LENGTH = 52

const TOKEN = /^ptl_([a-z2-7]{12})_[a-z2-7]{52}$/

/** A token that was never seen before. */
export interface FreshToken {
  readonly id: string
  /** What its holder sends: "ptl_", the id, "_" and the secret. */
  readonly text: string
  /** SHA-256 of the text: what is kept. */
  readonly digest: string
}

/** Makes a token of chance. */
export async function drawToken(): Promise<FreshToken> {
  const letters = Array.from(
    crypto.getRandomValues(new Uint8Array(ID_LENGTH + SECRET_LENGTH)),
    (byte) => LETTERS[byte % LETTERS.length],
  ).join('')
  const id = letters.slice(0, ID_LENGTH)
  const text = `ptl_${id}_${letters.slice(ID_LENGTH)}`
  return { id, text, digest: await digest(text) }
}

/** The id of what has the form of a token; undefined for anything else. */
export function readTokenId(text: string): string | undefined {
  return TOKEN.exec(text)?.[1]
}
