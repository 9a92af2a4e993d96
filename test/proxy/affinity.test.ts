import { describe, expect, it } from 'vitest'
import { signingKeyAt } from '../../src/core/affinity/signing-key.ts'
import { type AffinityToken, writeToken, writeWrote } from '../../src/core/affinity/token.ts'
import type { CompiledRoute } from '../../src/core/snapshot.ts'
import { readCookies } from '../../src/proxy/affinity/cookie-session.ts'
import {
  type AffinityMemory,
  createAffinityMemory,
  keysOf,
  MOST_TOKENS,
  recall,
} from '../../src/proxy/affinity/memory.ts'
import type { AuthoredConfig } from '../../src/schema/config.ts'
import type { AffinityKey } from '../../src/schema/snapshot.ts'
import { snapshotOf } from '../support/builders.ts'
import { configOf, type Difference, NOW_MS } from './builders.ts'

const NAME = 'portolan-all'
const RING = [keyOf('aaaaaaaa', 'A')]

type Affinity = NonNullable<NonNullable<AuthoredConfig['routes']>[string]['affinity']>

function keyOf(id: string, letter: string): AffinityKey {
  return { id, secret: letter.repeat(43).slice(0, 42) + 'A', signsFromMs: 0 }
}

function routeOf(affinity: Affinity = { type: 'cookie', ttl: '1h', idle: '10m' }): CompiledRoute {
  return compiled({ affinity })
}

function compiled(written: NonNullable<Difference['route']>): CompiledRoute {
  const [route] = snapshotOf(configOf({ route: written })).routes
  if (route === undefined) throw new Error('there is no route')
  return route
}

function memoryOf(ring: readonly AffinityKey[] = RING) {
  const memory = createAffinityMemory()
  keysOf(memory, ring)
  return memory
}

function sizeOf({ verified: { young, old } }: AffinityMemory): number {
  return young.size + old.size
}

/** A token of now, as far as nothing else is said. */
function tokenOf(difference: Partial<AffinityToken> = {}, ring = RING): string {
  const memory = memoryOf(ring)
  const key = signingKeyAt(memory.keys, NOW_MS)
  if (key === undefined) throw new Error('there is no key')
  const { boundAtMs = NOW_MS } = difference
  const rest = { usedAtMs: boundAtMs, expiresAtMs: boundAtMs + 600_000 }
  return writeToken(key, NAME, { origin: 'a', boundAtMs, ...rest, ...difference })
}

/** Whether a token is followed, and if not, counted. */
function isFollowed(token: string, nowMs: number, affinity?: Affinity): boolean {
  const memory = memoryOf()
  const found = readCookies(`${NAME}=${token}`, routeOf(affinity), { memory, nowMs })
  return found.token !== undefined && memory.counts.expired === 0
}

describe('the cookies of a request', () => {
  it('say where the client was bound last, whichever the browser sends first', () => {
    const [older, newer] = [tokenOf({ boundAtMs: NOW_MS - 5000 }), tokenOf({ origin: 'b' })]
    for (const header of [
      `${NAME}=${older}; ${NAME}=${newer}`,
      `${NAME}=${newer}; ${NAME}=${older}`,
    ]) {
      const found = readCookies(header, routeOf(), { memory: memoryOf(), nowMs: NOW_MS })
      expect(found.token?.origin).toBe('b')
    }
  })

  it('end by what they say, and by what the route says now', () => {
    const token = tokenOf()
    expect(isFollowed(token, NOW_MS + 599_999)).toBe(true)
    expect(isFollowed(token, NOW_MS + 600_000)).toBe(false)
    const long = tokenOf({ expiresAtMs: NOW_MS + 86_400_000 })
    expect(isFollowed(long, NOW_MS + 600_000)).toBe(false)
    expect(isFollowed(long, NOW_MS + 3_599_000, { type: 'cookie', ttl: '1h' })).toBe(true)
    expect(isFollowed(long, NOW_MS + 3_600_000, { type: 'cookie', ttl: '1h' })).toBe(false)
    // An edge whose clock is ahead has bound it.
    expect(isFollowed(token, NOW_MS - 5000)).toBe(true)
  })

  it('of another system count where there is none of ours that counts', () => {
    const affinity = { type: 'cookie', import: 'SERVERID' } as const
    const bond = { origin: 'b', boundAtMs: NOW_MS }
    const read = (header: string) =>
      readCookies(header, routeOf(affinity), { memory: memoryOf(), nowMs: NOW_MS })
    expect(read('SERVERID=b')).toMatchObject({ imported: bond, hasOurs: false })
    expect(read(`SERVERID=b; ${NAME}=old`)).toMatchObject({ imported: bond, hasOurs: true })
    expect(read(`SERVERID=b; ${NAME}=${tokenOf()}`).imported).toBeUndefined()
    expect(read('SERVERID=Not An Id').imported).toBeUndefined()
  })

  it('say until when a client reads where it wrote: no longer than the route says now', () => {
    const memory = memoryOf()
    const [key] = memory.keys.inOrder
    if (key === undefined) throw new Error('there is no key')
    const wrote = (ms: number) => `${NAME}-wrote=${writeWrote(key, `${NAME}-wrote`, NOW_MS + ms)}`
    const read = (header: string, keep: string) => {
      const route = compiled({ writes: { pool: 'main', keep } })
      return readCookies(header, route, { memory, nowMs: NOW_MS }).wroteUntilMs
    }
    expect(read(`${wrote(2000)}; ${wrote(4000)}; ${wrote(3000)}`, '5s')).toBe(NOW_MS + 4000)
    expect(read(wrote(3_600_000), '5s')).toBe(NOW_MS + 5000)
    expect(read(wrote(4000).replace('w1~', 'w1~b'), '5s')).toBeUndefined()
  })

  it('are nobody’s on a route without them', () => {
    const route = routeOf({ type: 'ip' })
    const found = readCookies(`${NAME}=${tokenOf()}`, route, { memory: memoryOf(), nowMs: NOW_MS })
    expect(found).toMatchObject({ token: undefined, hasOurs: false })
  })
})

describe('the memory of an isolate', () => {
  it('holds so many tokens and no more, and none that was made up', () => {
    const memory = memoryOf()
    for (let client = 0; client < 5000; client += 1) {
      expect(recall(memory, NAME, tokenOf({ boundAtMs: NOW_MS + client }))).toHaveProperty('origin')
      expect(sizeOf(memory)).toBeLessThanOrEqual(MOST_TOKENS)
    }
    const before = sizeOf(memory)
    const forged = tokenOf().replace('~a~', '~b~')
    expect(recall(memory, NAME, forged)).toBe('tampered')
    expect(recall(memory, 'other', tokenOf())).toBe('tampered')
    expect(sizeOf(memory)).toBe(before)
  })

  it('keeps the tokens of those who come again, however many others come', () => {
    const memory = memoryOf()
    const regular = tokenOf()
    const first = recall(memory, NAME, regular)
    for (let others = 0; others < 5; others += 1) {
      for (let client = 1; client <= 1000; client += 1) {
        recall(memory, NAME, tokenOf({ boundAtMs: NOW_MS + 1000 * others + client }))
      }
      expect(recall(memory, NAME, regular)).toBe(first)
    }
  })

  it('forgets what a key has signed that is gone, and nothing while the keys are the same', () => {
    const memory = memoryOf()
    const token = tokenOf()
    recall(memory, NAME, token)
    const { keys, verified } = memory
    expect(keysOf(memory, [...RING])).toBe(keys)
    expect(memory.verified).toBe(verified)
    keysOf(memory, [keyOf('bbbbbbbb', 'B')])
    expect(recall(memory, NAME, token)).toBe('foreign')
    // The id of a key is no proof of it.
    keysOf(memory, [keyOf('aaaaaaaa', 'B')])
    expect(recall(memory, NAME, token)).toBe('tampered')
  })
})
