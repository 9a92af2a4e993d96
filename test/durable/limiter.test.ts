import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Limiter } from '../../durable/limiter.ts'
import { createLimiterClient, LIMITER_LIMITS, limiterOf } from '../../durable/limiter-methods.ts'
import { openLimiterTable } from '../../durable/limiter-table.ts'
import { hashWordsWide } from '../../src/core/kernel/wide-hash.ts'
import type { Quota } from '../../src/schema/limit.ts'
import { emptyAtMs, emptyBucket, pour } from '../../src/state/rate/gcra.ts'
import { endAll, endOne } from '../support/processes-worker.ts'
import { valueOf } from './control-harness.ts'

// In one moment, so that nothing leaks away while a busy machine takes its time; and ahead of the real clock, so that no
// alarm fires by itself.
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2126, 10, 21) }))
afterEach(() => void vi.useRealTimers())

const second: Quota = { requests: 10, perMs: 1000, burst: 10 }
const minute: Quota = { requests: 10, perMs: 60_000, burst: 10 }
const day: Quota = { requests: 10, perMs: 86_400_000, burst: 10 }

interface Wish {
  readonly key: number
  readonly quotas?: readonly Quota[]
  readonly spent?: number
  readonly want?: number
}

/** Asks one object, whose name the test has for itself. */
async function ask(object: string, ...wishes: readonly Wish[]) {
  const asks = wishes.map(({ quotas = [minute], spent = 0, want = 1, key }) => {
    return { key, quotas: [...quotas], spent, want }
  })
  const client = createLimiterClient(env, object, 10_000)
  return valueOf(await client.call('lease', { asks })).grants.map(({ granted }) => granted)
}

const stubOf = (object: string) => env.LIMITER.get(env.LIMITER.idFromName(object))

test('leases what there is, each key for itself', async () => {
  expect(await ask('a', { key: 1, want: 8 }, { key: 2, want: 3 })).toEqual([8, 3])
  expect(await ask('a', { key: 1, want: 8 }, { key: 2, want: 3 })).toEqual([2, 3])
  expect(await ask('a', { key: 1 }, { key: 2, want: 0 })).toEqual([0, 0])
})

test('takes what was spent ahead, beyond the brim too', async () => {
  expect(await ask('b', { key: 1, spent: 25, want: 1 })).toEqual([0])
  const client = createLimiterClient(env, 'b', 10_000)
  const told = valueOf(
    await client.call('lease', { asks: [{ key: 1, quotas: [minute], spent: 0, want: 1 }] }),
  )
  expect(told.grants[0]?.levels[0]).toBe(25 * minute.perMs)
})

test('keeps over a restart what empties in more than 8 s, and forgets less than that of the rest', async () => {
  const wishes = [
    { key: 1, want: 10, quotas: [second] },
    { key: 2, want: 10 },
    { key: 3, want: 9, quotas: [day] },
    // It is empty after 6 s.
    { key: 4, want: 1 },
  ] as const
  expect(await ask('c', ...wishes)).toEqual([10, 10, 9, 1])
  await endAll()
  const all = wishes.map((wish) => ({ ...wish, want: 10 }))
  expect(await ask('c', ...all)).toEqual([10, 0, 1, 10])
})

test('remembers over its rest who has come too often', async () => {
  expect(await ask('rest', { key: 1, want: 10 })).toEqual([10])
  await endOne(stubOf('rest'))
  expect(await ask('rest', { key: 1 })).toEqual([0])
})

test('stores nothing that is soon empty, and forgets what is empty', async () => {
  const short: Quota = { requests: 1000, perMs: 8001, burst: 1000 }
  await ask(
    'd',
    { key: 1, want: 1 },
    { key: 2, spent: 1000, want: 0, quotas: [short] },
    { key: 3, quotas: [day] },
  )
  const keys = () =>
    runInDurableObject(stubOf('d'), (_: Limiter, { storage }) =>
      storage.sql.exec<{ key: number }>('SELECT key FROM buckets ORDER BY key').toArray(),
    )
  expect(await keys()).toEqual([{ key: 2 }, { key: 3 }])
  vi.setSystemTime(Date.now() + 9000)
  expect(await runDurableObjectAlarm(stubOf('d'))).toBe(true)
  expect(await keys()).toEqual([{ key: 3 }])
})

test('wakes within a day, however long a burst takes to come back', async () => {
  const ages: Quota = { requests: 1, perMs: 86_400_000, burst: 10_000_000 }
  await ask('h', { key: 1, want: 10_000_000, quotas: [ages] })
  const alarm = await runInDurableObject(stubOf('h'), (_: Limiter, { storage }) =>
    storage.getAlarm(),
  )
  expect((alarm ?? Infinity) - Date.now()).toBeLessThan(90_000_000)
})

/** A bucket of which so many were taken now. */
const taken = (quota: Quota, count: number) => {
  return pour(emptyBucket([quota], Date.now()), [quota], count)
}

test('stores so many buckets and no more: those go that empty first', async () => {
  await runInDurableObject(stubOf('f'), (_: Limiter, { storage }) => {
    let table = openLimiterTable(storage.sql, 3)
    const keep = (key: number, count: number) => table.keep(key, [day], taken(day, count))
    const keys = () =>
      storage.sql
        .exec<{ key: number }>('SELECT key FROM buckets ORDER BY key')
        .toArray()
        .map(({ key }) => key)
    keep(1, 5)
    keep(2, 1)
    keep(3, 2)
    // One that is stored already takes no place of another.
    keep(3, 3)
    expect(keys()).toEqual([1, 2, 3])
    keep(4, 4)
    expect(keys()).toEqual([1, 3, 4])
    // What is swept leaves a place.
    table.sweep(emptyAtMs(taken(day, 3), [day]) + 1000, 10)
    expect(keys()).toEqual([1, 4])
    keep(5, 1)
    expect(keys()).toEqual([1, 4, 5])
    // A new process counts anew.
    table = openLimiterTable(storage.sql, 3)
    keep(6, 6)
    expect(keys()).toEqual([1, 4, 6])
  })
})

test('knows 60,000 clients at a time, of those that its hash gives to one object', async () => {
  const keys = Array.from({ length: 2_000_000 }, (_, at) => hashWordsWide(at * 65_537, at, 7))
    .filter((key) => limiterOf(key) === '7')
    .slice(0, 60_000)
  expect(keys.length).toBe(60_000)
  await runInDurableObject(stubOf('g'), (_: Limiter, { storage }) => {
    const table = openLimiterTable(storage.sql, 1)
    const nowMs = Date.now()
    for (const key of keys) table.keep(key, [second], taken(second, 10))
    const forgotten = keys.filter((key) => table.find(key, [second], nowMs).levels[0] === 0)
    expect(forgotten).toEqual([])
  })
})

test('takes no more asks at once than it has a bound for', async () => {
  const most = Array.from({ length: LIMITER_LIMITS.asks }, (_, key) => ({ key }))
  expect((await ask('e', ...most)).length).toBe(LIMITER_LIMITS.asks)
  await expect(ask('e', ...most, { key: 1 })).rejects.toThrow('refused')
})
