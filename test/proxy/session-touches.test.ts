import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { SessionCorrection } from '../../durable/session-methods.ts'
import {
  type CachedSession,
  createSessionCache,
  dropSession,
  keepSession,
  toCached,
} from '../../src/proxy/affinity/session-cache.ts'
import {
  areTouchesDue,
  createTouches,
  isTouchDue,
  queueTouch,
  tellTouches,
  type TouchCase,
} from '../../src/proxy/affinity/session-touches.ts'
import { NOW_MS } from './builders.ts'

const lifetime = { ttlMs: 3_600_000, idleMs: 600_000 }

function sessionOf(name: string): CachedSession {
  const bound = { origin: 'a', boundAtMs: NOW_MS, usedAtMs: NOW_MS }
  return toCached({ name, key: name, lifetime, isHeld: false, ...bound })
}

/** An isolate that tells two shards: those whose name begins with "x" stand at the second. */
class Telling {
  readonly told: { atMs: number; shard: number; keys: string[] }[] = []
  readonly cache = createSessionCache()
  readonly touches = createTouches()
  corrected = 0
  /** Called with each call; false: nobody answers. */
  isHeard: () => boolean = () => true
  answer: (keys: readonly string[]) => SessionCorrection[] = () => []

  readonly about: TouchCase = {
    touches: this.touches,
    cache: this.cache,
    place: (session) => ({ session, shard: session.name.startsWith('x') ? 1 : 0, former: [] }),
    isAway: () => false,
    onCorrection: () => void (this.corrected += 1),
    post: async (shard, placed) => {
      const keys = placed.map(({ session }) => session.key)
      this.told.push({ atMs: Date.now() - NOW_MS, shard, keys })
      return this.isHeard() ? this.answer(keys) : undefined
    },
  }

  use(...names: string[]): CachedSession[] {
    return names.map((name) => {
      const session = sessionOf(name)
      keepSession(this.cache, session)
      queueTouch(this.touches, session, Date.now())
      return session
    })
  }
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW_MS })
  vi.stubGlobal('scheduler', {
    wait: async (ms: number) => void vi.setSystemTime(Date.now() + ms),
  })
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

describe('what there is to tell of sessions', () => {
  it('goes in one call for each shard, and then nobody is at it any more', async () => {
    const telling = new Telling()
    telling.use('anna', 'xaver', 'ben')
    expect(areTouchesDue(telling.touches, NOW_MS)).toBe(true)
    await tellTouches(telling.about)
    expect(telling.told).toEqual([
      { atMs: 1000, shard: 0, keys: ['anna', 'ben'] },
      { atMs: 1000, shard: 1, keys: ['xaver'] },
    ])
    expect(telling.touches).toMatchObject({ armedAtMs: 0, sent: 2, unanswered: 0 })
    expect(areTouchesDue(telling.touches, Date.now())).toBe(false)
  })

  it('waits for company when it is no news', async () => {
    const telling = new Telling()
    const [anna] = telling.use('anna')
    if (!anna) throw new Error('there is one')
    await tellTouches(telling.about)
    expect(isTouchDue(anna, Date.now() + 19_999)).toBe(false)
    expect(isTouchDue(anna, Date.now() + 20_000)).toBe(true)
    queueTouch(telling.touches, anna, Date.now())
    const beganAtMs = Date.now() - NOW_MS
    await tellTouches(telling.about)
    expect((telling.told.at(-1)?.atMs ?? 0) - beganAtMs).toBe(10_000)
  })

  it('is at most a thousand at a time', async () => {
    const telling = new Telling()
    telling.use(...Array.from({ length: 2500 }, (_, at) => `user-${at}`))
    await tellTouches(telling.about)
    expect(telling.told.map(({ keys }) => keys.length)).toEqual([1000, 1000, 500])
  })

  it('goes again when nobody answered, unless it was forgotten', async () => {
    const telling = new Telling()
    const [anna] = telling.use('anna', 'ben')
    telling.isHeard = () => {
      if (anna) dropSession(telling.cache, anna)
      return telling.told.length > 1
    }
    await tellTouches(telling.about)
    expect(telling.told).toEqual([
      { atMs: 1000, shard: 0, keys: ['anna', 'ben'] },
      { atMs: 6000, shard: 0, keys: ['ben'] },
    ])
    expect(telling.touches.waiting.size).toBe(0)
  })
})

describe('what a shard knows better', () => {
  const boundAtMs = NOW_MS + 5
  const moved = { gone: false, origin: 'b', boundAtMs, data: 'cart', dataAtMs: 7 } as const

  it('is taken over, with the data', async () => {
    const telling = new Telling()
    const [anna, ben] = telling.use('anna', 'ben')
    telling.answer = () => [
      { key: 'anna', ...moved },
      { key: 'ben', gone: true },
    ]
    await tellTouches(telling.about)
    expect(anna).toMatchObject({ origin: 'b', boundAtMs, data: 'cart', dataAtMs: 7 })
    expect([anna?.isEnded, ben?.isEnded, telling.corrected]).toEqual([false, true, 2])
  })

  it('is not what this isolate has changed since it asked', async () => {
    const telling = new Telling()
    const [anna, ben] = telling.use('anna', 'ben')
    telling.answer = (keys) => {
      if (anna) Object.assign(anna, { origin: 'c', boundAtMs: NOW_MS + 9 })
      if (ben) ben.unsaid = 'newer'
      return keys.map((key) => ({ key, ...moved }))
    }
    await tellTouches(telling.about)
    expect(anna).toMatchObject({ origin: 'c', boundAtMs: NOW_MS + 9 })
    expect(ben).toMatchObject({ origin: 'b', unsaid: 'newer', data: undefined })
  })
})
