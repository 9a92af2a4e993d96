import { describe, expect, it } from 'vitest'
import {
  CACHE_LIMITS,
  type CachedSession,
  createSessionCache,
  dropSession,
  findSession,
  keepSession,
  type SessionCache,
  setData,
  sizeOf,
  toCached,
} from '../../src/proxy/affinity/session-cache.ts'
import { NOW_MS } from './builders.ts'

const lifetime = { ttlMs: 3_600_000, idleMs: 60_000 }

function sessionOf(name: string, atMs = NOW_MS): CachedSession {
  return toCached({
    name,
    key: name,
    lifetime,
    isHeld: false,
    origin: 'a',
    boundAtMs: atMs,
    usedAtMs: atMs,
  })
}

function cacheOf(names: readonly string[]): SessionCache {
  const cache = createSessionCache()
  for (const name of names) keepSession(cache, sessionOf(name))
  return cache
}

describe('the sessions of an isolate', () => {
  it('are found until they are over', () => {
    const cache = cacheOf(['anna', 'ben'])
    expect(findSession(cache, 'anna', NOW_MS + 59_999)?.name).toBe('anna')
    expect(findSession(cache, 'anna', NOW_MS + 119_998)?.name).toBe('anna')
    expect(findSession(cache, 'ben', NOW_MS + 60_000)).toBeUndefined()
    expect(sizeOf(cache).sessions).toBe(1)
  })

  it('end with their ttl, however active they are', () => {
    const cache = cacheOf(['anna'])
    for (let atMs = 0; atMs < 3_600_000; atMs += 30_000) {
      expect(findSession(cache, 'anna', NOW_MS + atMs)).toBeDefined()
    }
    expect(findSession(cache, 'anna', NOW_MS + 3_600_000)).toBeUndefined()
  })

  it('are as many as there may be: whoever was not used for long goes first', () => {
    const quarter = CACHE_LIMITS.sessions / 4
    const cache = cacheOf(['user-0'])
    let [most, lost] = [0, 0]
    for (let at = 1; at < CACHE_LIMITS.sessions * 3; at += 1) {
      keepSession(cache, sessionOf(`user-${at}`))
      const used = ['user-0', `user-${Math.max(0, at - quarter + 1)}`]
      lost += used.filter((name) => findSession(cache, name, NOW_MS + 1) === undefined).length
      most = Math.max(most, sizeOf(cache).sessions)
    }
    expect([most <= CACHE_LIMITS.sessions, lost]).toEqual([true, 0])
    expect(sizeOf(cache).sessions + cache.evicted).toBe(CACHE_LIMITS.sessions * 3)
  })

  it('weigh as much as they may, with their data and the names that clients make up', () => {
    const cache = createSessionCache()
    for (let at = 0; at < 6000; at += 1) {
      const session = sessionOf(`user-${at}`)
      keepSession(cache, session)
      setData(cache, session, 'x'.repeat(4096))
      expect(sizeOf(cache).bytes).toBeLessThanOrEqual(CACHE_LIMITS.bytes)
    }
    expect(sizeOf(cache).sessions).toBeGreaterThan(400)
    const long = createSessionCache()
    for (let at = 0; at < 2000; at += 1) {
      keepSession(long, sessionOf(`${at}${'y'.repeat(8000)}`))
      expect(sizeOf(long).bytes).toBeLessThanOrEqual(CACHE_LIMITS.bytes)
    }
  })

  it('weigh nothing when all are gone', () => {
    const cache = createSessionCache()
    const session = sessionOf('anna')
    setData(cache, session, 'before it is kept')
    keepSession(cache, session)
    setData(cache, session, 'a cart')
    keepSession(cache, sessionOf('anna'))
    expect(sizeOf(cache).sessions).toBe(1)
    for (const each of cache.young.sessions.values()) dropSession(cache, each)
    dropSession(cache, session)
    expect(sizeOf(cache)).toEqual({ sessions: 0, bytes: 0 })
  })
})
