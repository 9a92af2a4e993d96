import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { signingKeyAt, toSigningKeys } from '../../../src/core/affinity/signing-key.ts'
import {
  readToken,
  readWrote,
  TOKEN_CHARACTERS,
  writeToken,
  writeWrote,
} from '../../../src/core/affinity/token.ts'
import { fromBase64url, toBase64url } from '../../../src/core/kernel/base64url.ts'
import type { SigningKey } from '../../../src/core/affinity/signing-key.ts'

const NOW_MS = 1_800_000_000_000

const ring = [
  { id: 'aaaaaaaa', secret: secretOf(1), signsFromMs: 0 },
  { id: 'bbbbbbbb', secret: secretOf(2), signsFromMs: NOW_MS },
]
const keys = toSigningKeys(ring)
const [first, second] = keys.inOrder as [SigningKey, SigningKey]

const TOKEN = {
  origin: 'us-1',
  boundAtMs: NOW_MS + 123,
  usedAtMs: NOW_MS + 123 + 60_000,
  expiresAtMs: NOW_MS + 123 + 82_800_000,
}

const NAME = 'portolan-chat'

function secretOf(byte: number): string {
  return toBase64url(new Uint8Array(32).fill(byte))
}

const Origin = fc.stringMatching(/^[a-z][a-z0-9_.-]{0,62}$/)
const Name = fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/)
const Seconds = fc.integer({ min: 0, max: 604_800 })
const Token = fc
  .record({
    origin: Origin,
    used: Seconds,
    ttl: Seconds,
    session: fc.option(fc.stringMatching(/^[\w-]{22}$/), { nil: undefined }),
  })
  .map(({ origin, used, ttl, session }) => ({
    origin,
    boundAtMs: NOW_MS + 123,
    usedAtMs: NOW_MS + 123 + used * 1000,
    expiresAtMs: NOW_MS + 123 + ttl * 1000,
    ...(session !== undefined && { session }),
  }))

describe('an affinity token', () => {
  it('says what was written, whatever it was', () => {
    fc.assert(
      fc.property(Token, Name, (token, name) => {
        const text = writeToken(first, name, token)
        expect(text.length).toBeLessThanOrEqual(TOKEN_CHARACTERS)
        // What a cookie may hold (RFC 6265 §4.1.1), and nothing that anybody would encode.
        expect(text).toMatch(/^[\w.~-]+$/)
        expect(readToken(text, name, keys)).toEqual({ ok: true, token })
      }),
    )
  })

  it('is refused with any bit of it flipped', () => {
    const text = writeToken(second, NAME, TOKEN)
    for (let at = 0; at < text.length; at += 1) {
      for (let bit = 0; bit < 16; bit += 1) {
        const flipped = String.fromCharCode(text.charCodeAt(at) ^ (1 << bit))
        const forged = text.slice(0, at) + flipped + text.slice(at + 1)
        expect(readToken(forged, NAME, keys)).toMatchObject({ ok: false })
      }
    }
  })

  it('is refused with anything put in or left out', () => {
    const text = writeToken(second, NAME, TOKEN)
    const places = Array.from({ length: text.length + 1 }, (_, at) => at)
    const forged = places.flatMap((at) => {
      const [before, after] = [text.slice(0, at), text.slice(at)]
      return [`${before}0${after}`, `${before}~${after}`, before + after.slice(1)]
    })
    const accepted = forged.filter((each) => each !== text && readToken(each, NAME, keys).ok)
    expect(accepted).toEqual([])
  })

  it('says nothing under another name, and nothing with another key', () => {
    const text = writeToken(second, NAME, TOKEN)
    expect(readToken(text, `${NAME}2`, keys)).toEqual({ ok: false, flaw: 'tampered' })
    const others = toSigningKeys([{ id: 'bbbbbbbb', secret: secretOf(3), signsFromMs: 0 }])
    expect(readToken(text, NAME, others)).toEqual({ ok: false, flaw: 'tampered' })
    const without = toSigningKeys(ring.slice(0, 1))
    expect(readToken(text, NAME, without)).toEqual({ ok: false, flaw: 'foreign' })
    // The key's id is signed with the rest.
    const renamed = text.replace('bbbbbbbb', 'aaaaaaaa')
    expect(readToken(renamed, NAME, keys)).toEqual({ ok: false, flaw: 'tampered' })
  })

  it('cannot be put together of a name and a token that were signed apart', () => {
    const text = writeToken(second, 'a', TOKEN)
    for (const name of ['a\n', 'a\na1', '', 'A']) {
      expect(readToken(text, name, keys)).toMatchObject({ ok: false })
    }
  })

  it('is never an error, whatever the text', () => {
    const Text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.stringMatching(/^a1~[a-z2-7]{8}(~[0-9a-z]{0,70}){0,7}$/),
      fc.constantFrom('', '~', 'a1', 'a1~~~~~~', `a1~${'x'.repeat(10_000)}`),
    )
    fc.assert(
      fc.property(Text, Name, (text, name) => {
        expect(readToken(text, name, keys)).toMatchObject({ ok: false })
        expect(readWrote(text, name, keys)).toMatchObject({ ok: false })
      }),
    )
  })

  it('is not taken for the word that a client wrote, nor that for a token', () => {
    const wrote = writeWrote(second, NAME, NOW_MS)
    expect(readWrote(wrote, NAME, keys)).toEqual({ ok: true, untilMs: NOW_MS })
    expect(readToken(wrote, NAME, keys)).toEqual({ ok: false, flaw: 'tampered' })
    expect(readWrote(writeToken(second, NAME, TOKEN), NAME, keys)).toMatchObject({ ok: false })
    expect(readWrote(wrote, 'other', keys)).toEqual({ ok: false, flaw: 'tampered' })
  })
})

describe('the keys of a snapshot', () => {
  it('sign from their time on, the newest first', () => {
    expect(signingKeyAt(keys, NOW_MS - 1)?.id).toBe('aaaaaaaa')
    expect(signingKeyAt(keys, NOW_MS)?.id).toBe('bbbbbbbb')
    expect(signingKeyAt(toSigningKeys([]), NOW_MS)).toBeUndefined()
    // A clock that is behind all of them.
    expect(signingKeyAt(toSigningKeys(ring.slice(1)), NOW_MS - 1)?.id).toBe('bbbbbbbb')
  })

  it('are those whose secret can be read', () => {
    const broken = [{ id: 'cccccccc', secret: 'not base64url!', signsFromMs: 0 }, ...ring]
    expect([...toSigningKeys(broken).byId.keys()]).toEqual(['aaaaaaaa', 'bbbbbbbb'])
  })
})

describe('base64url', () => {
  it('is what the platform writes, and one text for each value', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
        const text = toBase64url(bytes)
        expect(text).toBe(Buffer.from(bytes).toString('base64url'))
        expect(fromBase64url(text)).toEqual(bytes)
      }),
    )
    for (const text of ['A', 'AB', 'AAB', 'A=', 'AA==', 'ä', 'AA+A', 'AA/A', 'AAAAA']) {
      expect(fromBase64url(text)).toBeUndefined()
    }
  })
})
