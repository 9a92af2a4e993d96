import { runDurableObjectAlarm } from 'cloudflare:test'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { emptyAll, endAll } from '../support/processes-worker.ts'
import { untilHolds } from '../support/until.ts'
import { control, controlStub, put, readPublished, valueOf } from './control-harness.ts'

const config = {
  interlocks: { maxChangePercent: 100 },
  pools: {
    us: { origins: { 'us-1': { url: 'http://127.0.0.1:9' } } },
    eu: { origins: { 'eu-1': { url: 'http://127.0.0.2:9' } } },
  },
  routes: { all: { steer: { policy: 'failover', pools: ['us', 'eu'] } } },
}
const actor = { name: 'ada', from: '192.0.2.1' }
const half = { newPercent: 50, sessionPercent: 0, by: 'hash' } as const

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }))
afterEach(async () => {
  vi.useRealTimers()
  await emptyAll()
})

async function shed(what: typeof half | null, more: object = {}) {
  const input = { actor, reason: 'too slow', pool: 'us', shed: what, ...more }
  return valueOf(await control.call('setShedding', input))
}

/** Lets time pass for the object, whose alarm is rung by hand. */
async function pass(ms: number): Promise<void> {
  vi.setSystemTime(Date.now() + ms)
  await runDurableObjectAlarm(controlStub())
}

const published = async () => (await readPublished())?.conditions.pools['us']?.shed

it('reaches the store of the edges, outlives its process, and ends by the alarm', async () => {
  await put(config)
  expect(await shed(half, { untilMs: Date.now() + 60_000 })).toMatchObject({ outcome: 'done' })
  // The store takes one write a second.
  await pass(1000)
  await untilHolds(async () => expect(await published()).toEqual(half))
  await endAll()
  const pool = valueOf(await control.call('pool', { id: 'us' }))
  expect(pool?.shedding).toMatchObject({ shed: half, by: 'ada', reason: 'too slow' })
  await pass(60_001)
  await untilHolds(async () => expect(await published()).toBeUndefined())
})

it('is only looked at when it is tried dry, and ends by hand', async () => {
  await put(config)
  expect(await shed(half, { dryRun: true })).toMatchObject({ outcome: 'done', dryRun: true })
  expect(valueOf(await control.call('pool', { id: 'us' }))?.shedding).toBeUndefined()
  await shed(half)
  expect(await shed(null)).toMatchObject({ outcome: 'done' })
  expect(await shed(null)).toMatchObject({ outcome: 'unchanged' })
  const { items } = valueOf(await control.call('audit', { limit: 2 }))
  expect(items.map(({ action }) => action)).toEqual(['shedding.end', 'shedding.set'])
})
