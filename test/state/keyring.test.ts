import { describe, expect, it } from 'vitest'
import { toSigningKeys } from '../../src/core/affinity/signing-key.ts'
import { signingKeyAt } from '../../src/core/affinity/signing-key.ts'
import { readToken, writeToken } from '../../src/core/affinity/token.ts'
import { toBase64url } from '../../src/core/kernel/base64url.ts'
import {
  type FreshKey,
  type Keyring,
  KEYRING,
  stepKeyring,
  toKeyViews,
} from '../../src/state/keyring.ts'

const NOW_MS = 1_800_000_000_000
const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
const LONGEST_TTL_MS = 7 * DAY_MS

let drawn = 0

function fresh(): FreshKey {
  drawn += 1
  const id = drawn.toString(26).replaceAll(/\d/g, (digit) => 'qrstuvwxyz'.charAt(Number(digit)))
  const secret = new Uint8Array(32).map((_, at) => drawn >> (8 * (at % 4)))
  return { id, secret: toBase64url(secret) }
}

function step(ring: Keyring, type: 'tend' | 'rotate' | 'revoke', nowMs: number): Keyring {
  return stepKeyring(ring, { type, fresh: fresh() }, nowMs)
}

const times = (ring: Keyring) => ring.map(({ signsFromMs }) => (signsFromMs - NOW_MS) / DAY_MS)

describe('the keyring', () => {
  it('begins with a key that signs at once, and leaves it alone for a week', () => {
    const ring = step([], 'tend', NOW_MS)
    expect(times(ring)).toEqual([0])
    expect(step(ring, 'tend', NOW_MS + KEYRING.everyMs - 1)).toBe(ring)
    const next = step(ring, 'tend', NOW_MS + KEYRING.everyMs)
    expect(times(next)).toEqual([0, 8])
    expect(step(next, 'tend', NOW_MS + KEYRING.everyMs + MINUTE_MS)).toBe(next)
  })

  it('forgets a key when nothing that it signed can be alive', () => {
    const ring = step(step([], 'tend', NOW_MS), 'rotate', NOW_MS)
    expect(times(ring)).toEqual([0, 1])
    const endMs = NOW_MS + KEYRING.aheadMs + KEYRING.keptMs
    const before = step(ring, 'tend', endMs - 1)
    expect(times(before).slice(0, 2)).toEqual([0, 1])
    expect(times(step(before, 'tend', endMs))[0]).toBe(1)
  })

  it('takes no second new key before the first one signs', () => {
    const ring = step(step([], 'tend', NOW_MS), 'rotate', NOW_MS)
    expect(step(ring, 'rotate', NOW_MS + DAY_MS - 1)).toBe(ring)
    expect(times(step(ring, 'rotate', NOW_MS + DAY_MS))).toEqual([0, 1, 2])
  })

  it('has one key, that signs at once, after the others were revoked', () => {
    const ring = step(step([], 'tend', NOW_MS), 'rotate', NOW_MS)
    const next = step(ring, 'revoke', NOW_MS + HOUR_MS)
    expect(next).toHaveLength(1)
    expect(next[0]?.signsFromMs).toBe(NOW_MS + HOUR_MS)
    expect(ring.map(({ id }) => id)).not.toContain(next[0]?.id)
  })

  it('makes a new key when its clock has jumped back', () => {
    const ring = step([], 'tend', NOW_MS + 30 * DAY_MS)
    expect(times(step(ring, 'tend', NOW_MS))).toEqual([30, 1])
  })

  it('tells how its keys stand, and no secret', () => {
    let ring = step(step([], 'tend', NOW_MS), 'rotate', NOW_MS)
    ring = step(ring, 'rotate', NOW_MS + DAY_MS)
    const views = toKeyViews(ring, NOW_MS + DAY_MS)
    expect(views.map(({ state }) => state)).toEqual(['verifying', 'signing', 'waiting'])
    expect(views.map(({ goesAtMs }) => goesAtMs && (goesAtMs - NOW_MS) / DAY_MS)).toEqual([
      9,
      10,
      undefined,
    ])
    for (const { secret } of ring) expect(JSON.stringify(views)).not.toContain(secret)
  })
})

describe('two isolates, one of which has heard nothing for up to a day', () => {
  it('take each other’s tokens as long as they live, through two months of rotations', () => {
    const history: { readonly fromMs: number; readonly ring: Keyring }[] = []
    const ringAt = (ms: number) => history.findLast(({ fromMs }) => fromMs <= ms)?.ring ?? []
    let ring: Keyring = []
    const random = generator(7)
    let checked = 0
    for (let hour = 0; hour < 24 * 60; hour += 1) {
      const nowMs = NOW_MS + hour * HOUR_MS
      const type = hour > 0 && random() < 0.02 ? 'rotate' : 'tend'
      ring = step(ring, type, nowMs)
      history.push({ fromMs: nowMs, ring })
      // Two looks back, each less than a day: one writes, the other reads, at some moment of the token's life.
      const [written, read] = [random(), random()].map((part) => part * (DAY_MS - 1))
      const signedAtMs = Math.max(NOW_MS, nowMs - random() * LONGEST_TTL_MS)
      const writer = toSigningKeys(ringAt(Math.max(NOW_MS, signedAtMs - (written ?? 0))))
      const reader = toSigningKeys(
        ringAt(Math.max(signedAtMs - DAY_MS, NOW_MS, nowMs - (read ?? 0))),
      )
      const key = signingKeyAt(writer, signedAtMs)
      if (key === undefined) throw new Error('an isolate has no key')
      const boundAtMs = Math.floor(signedAtMs)
      const token = {
        origin: 'us-1',
        boundAtMs,
        usedAtMs: boundAtMs,
        expiresAtMs: boundAtMs + LONGEST_TTL_MS,
      }
      const text = writeToken(key, 'portolan', token)
      expect(readToken(text, 'portolan', reader)).toEqual({ ok: true, token })
      expect(ring.length).toBeLessThanOrEqual(12)
      checked += 1
    }
    expect(checked).toBe(1440)
  })
})

function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
