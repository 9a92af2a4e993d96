import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { getInTime } from '../../../src/cache/lookup.ts'
import { createTierMemory, type TierMemory } from '../../../src/cache/tier-memory.ts'
import type { Kept, Tier } from '../../../src/cache/tier.ts'
import { NOW_MS } from '../../support/stored.ts'
import { answerOf, bytesOf, streamOf } from './kept.ts'

let memory: TierMemory

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  memory = createTierMemory()
})

afterEach(() => {
  vi.useRealTimers()
})

it('gives what is there, and counts it', async () => {
  const kept = answerOf(bytesOf(1))
  expect(await look(async () => kept)).toBe(kept)
  expect(await look(async () => undefined)).toBeUndefined()
  expect(memory.standings.colo).toMatchObject({ hits: 1, misses: 1, failures: 0 })
})

it.each([
  ['colo', 250],
  ['kv', 500],
] as const)(
  'goes on without %s after %i ms, and reads nothing that comes later',
  async (id, ms) => {
    const body = streamOf([bytesOf(1)])
    const cancelled = vi.spyOn(body, 'cancel')
    const answers: ((kept: Kept) => void)[] = []
    const looked = look(() => new Promise((resolve) => answers.push(resolve)), { id })
    await vi.advanceTimersByTimeAsync(ms - 1)
    expect(memory.standings[id].failures).toBe(0)
    await vi.advanceTimersByTimeAsync(1)
    expect(await looked).toBeUndefined()
    expect(memory.standings[id].failures).toBe(1)
    answers[0]?.(answerOf(body))
    await vi.advanceTimersByTimeAsync(0)
    expect(cancelled).toHaveBeenCalled()
  },
)

it('passes over a tier for a while that has failed three times, and tries it once after', async () => {
  const failing = vi.fn<() => Promise<undefined>>(async () =>
    Promise.reject(new Error('KV GET failed: 500')),
  )
  for (let at = 0; at < 5; at += 1) expect(await look(failing)).toBeUndefined()
  expect(failing).toHaveBeenCalledTimes(3)
  expect(memory.standings.colo).toMatchObject({ failures: 3, skipped: 2 })

  await look(failing, { nowMs: NOW_MS + 10_000 })
  await look(failing, { nowMs: NOW_MS + 10_001 })
  expect(failing).toHaveBeenCalledTimes(4)

  const kept = answerOf(bytesOf(1))
  expect(await look(async () => kept, { nowMs: NOW_MS + 20_001 })).toBe(kept)
  await look(failing, { nowMs: NOW_MS + 20_002 })
  expect(await look(async () => kept, { nowMs: NOW_MS + 20_003 })).toBe(kept)
})

it('passes over one tier only', async () => {
  for (let at = 0; at < 3; at += 1) await look(async () => Promise.reject(new Error('away')))
  const kept = answerOf(bytesOf(1))
  expect(await look(async () => kept, { id: 'kv' })).toBe(kept)
})

const nothing = async (): Promise<void> => undefined

interface Look {
  readonly id?: Tier['id']
  readonly nowMs?: number
}

function look(
  get: () => Promise<Kept | undefined>,
  { id = 'colo', nowMs = NOW_MS }: Look = {},
): Promise<Kept | undefined> {
  return getInTime({ id, get, put: nothing, delete: nothing }, 'name', { memory, nowMs })
}
