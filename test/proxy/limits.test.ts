import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { compileLimits } from '../../src/core/compile-limits.ts'
import type { Quota } from '../../src/schema/limit.ts'
import { Route } from '../../src/schema/route.ts'
import { bucketOf, createBucketTable, keepBucket } from '../../src/state/rate/bucket-table.ts'
import { globalCounter, hear, isToAsk } from '../../src/proxy/limits/global.ts'
import { beginAsk, endAsk, holdingOf } from '../../src/proxy/limits/leases.ts'
import { createLimits } from '../../src/proxy/limits/limits.ts'
import { localCounter } from '../../src/proxy/limits/local.ts'
import { askPlatform } from '../../src/proxy/limits/platform.ts'
import { createSlots, takenOf, takeSlot } from '../../src/proxy/limits/slots.ts'
import { emptyBucket, leftOfAll, pour } from '../../src/state/rate/gcra.ts'
import { endAll } from '../support/processes-worker.ts'
import { untilMinuteHasTime } from '../support/minute.ts'
import { holdDeadlines } from '../support/patience-worker.ts'

const NOW_MS = 1_800_000_000_000

describe('places', () => {
  test('are given back once, however often it is said', () => {
    const slots = createSlots()
    const [first, second] = [takeSlot(slots, 7, NOW_MS), takeSlot(slots, 7, NOW_MS)]
    expect([takenOf(slots, 7), takenOf(slots, 8)]).toEqual([2, 0])
    first.free()
    first.free()
    expect(takenOf(slots, 7)).toBe(1)
    second.open()
    expect(takenOf(slots, 7)).toBe(1)
    second.free()
    expect([takenOf(slots, 7), slots.counts.size]).toEqual([0, 0])
  })

  test('of requests that ended without a word are given back in the end, those of open bodies later', () => {
    const slots = createSlots()
    takeSlot(slots, 1, NOW_MS)
    const streaming = takeSlot(slots, 2, NOW_MS)
    streaming.open()
    const pass = (hours: number) => {
      takeSlot(slots, 3, NOW_MS + hours * 3_600_000).free()
      return [takenOf(slots, 1), takenOf(slots, 2)]
    }
    expect(pass(1)).toEqual([1, 1])
    expect([pass(2), pass(4)]).toEqual([
      [1, 1],
      [0, 1],
    ])
    expect([pass(26), pass(52)]).toEqual([
      [0, 1],
      [0, 0],
    ])
    // It comes late, and takes nobody else's place away.
    const other = takeSlot(slots, 2, NOW_MS + 53 * 3_600_000)
    streaming.free()
    expect(takenOf(slots, 2)).toBe(1)
    other.free()
  })
})

describe('a full table', () => {
  const quotas: readonly Quota[] = [{ requests: 10, perMs: 10_000, burst: 10 }]
  const keep = (table: ReturnType<typeof createBucketTable>, key: number, count: number) => {
    const bucket = pour(emptyBucket(quotas, NOW_MS), quotas, count)
    keepBucket(table, key, { quotas, bucket })
  }
  const leftIn = (table: ReturnType<typeof createBucketTable>, key: number) => {
    return leftOfAll(bucketOf(table, key, { quotas, nowMs: NOW_MS }), quotas)
  }

  test('forgets those that owe least, and never grows', () => {
    const table = createBucketTable(16)
    keep(table, 2, 10)
    for (let key = 4; key <= 1000; key += 2) keep(table, key, 1)
    // All of these keys share eight of the sixteen places.
    expect(table.size).toBe(8)
    expect(leftIn(table, 2)).toBe(0)
    expect([leftIn(table, 4), leftIn(table, 1000)]).toEqual([10, 9])
    for (let key = 1; key <= 1000; key += 1) keep(table, key, 1)
    expect(table.size).toBe(16)
  })
})

describe('a global limit', () => {
  const [limit] = compileLimits(
    'shop',
    Route.parse({ respond: {}, rateLimits: { each: { windows: ['100/10s'], mode: 'global' } } }),
  )

  test('says that nothing is left to whom it refuses, and for how long', () => {
    if (limit === undefined) throw new Error('a route with a limit has one')
    const { leases, local } = createLimits()
    const claim = { limit, key: 7 }
    const holding = holdingOf(leases, claim)
    const sent = beginAsk(holding, claim.key, { nowMs: NOW_MS, purpose: 'more' })
    // Nothing was granted; 300 ms later 3 are there, and isolates wait for 5.
    const grant = { granted: 0, levels: [100 * 10_000] }
    endAsk(sent, grant, { nowMs: NOW_MS, taken: 0 })
    const { refusalOf } = globalCounter({
      leases,
      hearings: new Map(),
      local: localCounter(local, NOW_MS + 300),
      passage: { env, ctx: createExecutionContext() },
      nowMs: NOW_MS + 300,
    })
    expect(refusalOf(claim)).toEqual({
      type: 'rate-limited',
      limit: 'each',
      requests: 100,
      perMs: 10_000,
      retryAfterMs: 200,
      standings: [{ policy: 'each', requests: 100, perMs: 10_000, left: 0, moreInMs: 100 }],
    })
  })
})

describe('two isolates', () => {
  // In a moment: six seconds later there would be one more.
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'], now: Date.now() })
  })
  afterEach(() => void vi.useRealTimers())

  const [limit] = compileLimits(
    'two',
    Route.parse({ respond: {}, rateLimits: { each: { windows: ['10/1m'], mode: 'global' } } }),
  )

  test('let in ten of 10/1m together, though the object ends in the middle', async () => {
    if (limit === undefined) throw new Error('a route with a limit has one')
    const isolates = [createLimits().leases, createLimits().leases] as const
    const claim = { limit, key: 77 }
    let granted = 0
    for (let at = 0; at < 40; at += 1) {
      if (at === 5 || at === 16) await endAll()
      const leases = isolates[at % 2 === 0 ? 0 : 1]
      if (!isToAsk(leases, claim, Date.now())) continue
      const hearings = await hear(leases, [claim], { env, ctx: createExecutionContext() })
      if (hearings.get(claim.key) === 'granted') granted += 1
    }
    expect(granted).toBe(10)
    expect(isolates.map(({ unanswered }) => unanswered)).toEqual([0, 0])
  })
})

describe('the limits of the platform', () => {
  const [limit] = compileLimits(
    'shop',
    Route.parse({
      respond: {},
      rateLimits: { each: { windows: ['20/1m'], mode: 'platform', binding: 'CLIENTS' } },
    }),
  )
  const ask = (key: number, bindings: object) => {
    const { counts } = createLimits()
    if (limit === undefined) throw new Error('a route with a limit has one')
    const asked = askPlatform({ limit, key }, { ...env, ...bindings }, counts)
    return asked.then((refusal) => [refusal?.type, counts.platformMissed] as const)
  }

  test('count by the binding, each key for itself', async () => {
    await untilMinuteHasTime()
    holdDeadlines()
    onTestFinished(() => void vi.useRealTimers())
    const bindings = { CLIENTS: env.AUTH_FAILURES }
    for (let at = 0; at < 20; at += 1) expect(await ask(1, bindings)).toEqual([undefined, 0])
    expect(await ask(1, bindings)).toEqual(['rate-limited', 0])
    expect(await ask(2, bindings)).toEqual([undefined, 0])
  })

  test.each([
    ['is not there', {}],
    ['is something else', { CLIENTS: env.SNAPSHOTS }],
    ['fails', { CLIENTS: { limit: () => Promise.reject(new Error('away')) } }],
    ['does not answer', { CLIENTS: { limit: () => new Promise(() => undefined) } }],
  ])('let everyone through when the binding %s, say so, and count it', async (_, bindings) => {
    const log = vi.spyOn(console, 'error').mockReturnValue()
    expect(await ask(3, bindings)).toEqual([undefined, 1])
    expect(log).toHaveBeenCalledOnce()
    log.mockRestore()
  })
})
