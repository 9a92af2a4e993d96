import { abortAllDurableObjects, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import type { Limiter } from '../../durable/limiter.ts'
import { createLimiterClient, LIMITER_LIMITS } from '../../durable/limiter-methods.ts'
import type { Quota } from '../../src/schema/limit.ts'
import { valueOf } from './control-harness.ts'

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
  // Of 25 requests next to nothing has leaked away since.
  expect(told.grants[0]?.levels[0]).toBeGreaterThan(24 * minute.perMs)
})

test('keeps what lasts over a restart, and of a minute forgets a burst at most', async () => {
  const wishes = [
    { key: 1, want: 10 },
    { key: 2, want: 9, quotas: [day] },
  ] as const
  expect(await ask('c', ...wishes)).toEqual([10, 9])
  await abortAllDurableObjects()
  expect(await ask('c', ...wishes)).toEqual([10, 1])
})

test('stores nothing of a minute, and forgets what is empty', async () => {
  const short: Quota = { requests: 1000, perMs: 60_001, burst: 1000 }
  await ask(
    'd',
    { key: 1, want: 5 },
    { key: 2, want: 1, quotas: [short] },
    { key: 3, quotas: [day] },
  )
  const keys = () =>
    runInDurableObject(stubOf('d'), (_: Limiter, { storage }) =>
      storage.sql.exec<{ key: number }>('SELECT key FROM buckets ORDER BY key').toArray(),
    )
  expect(await keys()).toEqual([{ key: 2 }, { key: 3 }])
  // A request of a thousand a minute has leaked away after 60 ms.
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(await runDurableObjectAlarm(stubOf('d'))).toBe(true)
  expect(await keys()).toEqual([{ key: 3 }])
})

test('takes no more asks at once than it has a bound for', async () => {
  const most = Array.from({ length: LIMITER_LIMITS.asks }, (_, key) => ({ key }))
  expect((await ask('e', ...most)).length).toBe(LIMITER_LIMITS.asks)
  await expect(ask('e', ...most, { key: 1 })).rejects.toThrow('refused')
})
