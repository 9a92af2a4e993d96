import { afterEach, expect, it } from 'vitest'
import { emptyAll, endAll } from '../support/processes-worker.ts'
import { until } from '../support/until.ts'
import { control, put, readPublished, valueOf } from './control-harness.ts'

afterEach(emptyAll)

const configOf = (shards: number) => ({
  settings: { sessions: { shards } },
  pools: { us: { origins: { 'us-1': { url: 'https://us-1.example.com' } } } },
  routes: {
    all: {
      steer: { policy: 'failover', pools: ['us'] },
      affinity: { type: 'ip', store: 'durable', ttl: '1h' },
    },
  },
})

it('publishes under which counts of shards sessions may still stand, also after a new process began', async () => {
  await put(configOf(4))
  expect(await readPublished()).not.toHaveProperty('formerShards')
  const beforeMs = Date.now()
  await put(configOf(16))
  await until(async () => (await readPublished())?.revision === 2)
  const untilMs = (await readPublished())?.formerShards?.[0]?.untilMs ?? 0
  expect(untilMs).toBeGreaterThanOrEqual(beforeMs + 3_600_000)
  await endAll()
  const answered = valueOf(await control.call('snapshot', {}))
  expect(answered?.formerShards).toEqual([{ shards: 4, untilMs }])
  await control.call('rollback', { to: 1 })
  await until(async () => (await readPublished())?.revision === 3)
  expect((await readPublished())?.formerShards).toMatchObject([{ shards: 16 }])
})
