import { describe, expect, test } from 'vitest'
import { createHitForMiss, mark, markOn, unmark } from '../../src/cache/hit-for-miss.ts'
import { createInvalidations, invalidate, isInvalidated } from '../../src/cache/invalidations.ts'
import { NOW_MS, storedOf } from '../support/stored.ts'

describe('a key whose answers are not kept', () => {
  test('is known as such for a minute, and why', () => {
    const marks = createHitForMiss()
    mark(marks, 'a', { why: 'too-large', nowMs: NOW_MS })
    const seen = [0, 59_999, 60_000].map((ms) => markOn(marks, 'a', NOW_MS + ms))
    expect(seen).toEqual(['too-large', 'too-large', undefined])
    // A clock that jumps back makes it no longer.
    expect(markOn(marks, 'a', NOW_MS - 1)).toBeUndefined()
  })

  test('is forgotten when an answer was kept after all', () => {
    const marks = createHitForMiss()
    mark(marks, 'a', { why: 'private', nowMs: NOW_MS })
    unmark(marks, 'a')
    expect(markOn(marks, 'a', NOW_MS)).toBeUndefined()
  })

  test('is one of ten thousand at most, and none that is long', () => {
    const marks = createHitForMiss()
    for (let at = 0; at < 10_001; at += 1) mark(marks, `${at}`, { why: 'private', nowMs: NOW_MS })
    mark(marks, 'x'.repeat(513), { why: 'private', nowMs: NOW_MS })
    expect([marks.size, markOn(marks, '0', NOW_MS), markOn(marks, '1', NOW_MS)]).toEqual([
      10_000,
      undefined,
      'private',
    ])
  })

  test('leaves when its time is over, as soon as another one comes', () => {
    const marks = createHitForMiss()
    mark(marks, 'a', { why: 'private', nowMs: NOW_MS })
    mark(marks, 'b', { why: 'private', nowMs: NOW_MS + 60_000 })
    expect([...marks.keys()]).toEqual(['b'])
  })
})

describe('a place that was changed', () => {
  const { host, path, query } = storedOf()
  const place = { host, path, query }

  test('makes void what was asked for before, and nothing else', () => {
    const invalidations = createInvalidations()
    invalidate(invalidations, place, NOW_MS)
    const heads = [
      storedOf({ requestedAtMs: NOW_MS }),
      storedOf({ requestedAtMs: NOW_MS + 1 }),
      storedOf({ requestedAtMs: NOW_MS - 1, path: '/other' }),
      storedOf({ requestedAtMs: NOW_MS - 1, query: '?a=1' }),
    ]
    expect(heads.map((head) => isInvalidated(invalidations, head))).toEqual([
      true,
      false,
      false,
      false,
    ])
  })

  test('is one of a thousand at most, and none that is long', () => {
    const invalidations = createInvalidations()
    for (let at = 0; at < 1001; at += 1)
      invalidate(invalidations, { ...place, path: `/${at}` }, NOW_MS)
    invalidate(invalidations, { ...place, path: '/'.padEnd(3000, 'x') }, NOW_MS)
    expect(invalidations.size).toBe(1000)
    expect(isInvalidated(invalidations, storedOf({ path: '/0', requestedAtMs: 0 }))).toBe(false)
  })
})
