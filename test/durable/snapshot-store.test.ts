import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { publishSnapshot, readStanding } from '../../durable/snapshot-store.ts'
import { documentOf } from '../support/builders.ts'

const never = () => new Promise<never>(() => {})
const hanging = { put: never, getWithMetadata: never } as unknown as KVNamespace

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})

afterEach(() => {
  vi.useRealTimers()
})

it('waits five seconds for a store that does not answer, and no longer', async () => {
  const given = 'the store did not answer within 5000 ms'
  for (const work of [
    () => publishSnapshot(hanging, documentOf({})),
    () => readStanding(hanging),
  ]) {
    const settled = vi.fn<(given?: unknown) => void>()
    const pending = work().then(settled, settled)
    await vi.advanceTimersByTimeAsync(4999)
    expect(settled).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    await pending
    expect(settled).toHaveBeenCalledWith(expect.objectContaining({ message: given }))
  }
})

it('leaves no timer behind', async () => {
  await publishSnapshot(env.SNAPSHOTS, documentOf({}))
  expect(await readStanding(env.SNAPSHOTS)).toEqual({ revision: 1, generation: 1 })
  expect(vi.getTimerCount()).toBe(0)
})

it('takes a value without numbers beside it for none', async () => {
  await env.SNAPSHOTS.put('snapshot', 'written by hand')
  expect(await readStanding(env.SNAPSHOTS)).toEqual({ revision: 0, generation: 0 })
})
