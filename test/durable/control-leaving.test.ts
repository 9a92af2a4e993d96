import { runDurableObjectAlarm } from 'cloudflare:test'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { emptyAll, endAll, endOne } from '../support/processes-worker.ts'
import { control, controlStub, put, readPublished, valueOf } from './control-harness.ts'

const us1 = { url: 'http://127.0.0.1:9', weight: 3 }
const us2 = { url: 'http://127.0.0.2:9' }
const pool = { drainTimeout: '10s', drainRemoved: true }
const routes = { all: { steer: { policy: 'failover', pools: ['us'] } } }
const whole = { pools: { us: { ...pool, origins: { 'us-1': us1, 'us-2': us2 } } }, routes }
const smaller = { pools: { us: { ...pool, origins: { 'us-2': us2 } } }, routes }

async function snapshot() {
  const news = valueOf(await control.call('snapshot', {}))
  if (news?.config === undefined) throw new Error('there is no snapshot')
  return { ...news, origins: news.config.pools['us']?.origins ?? {} }
}

/** Time passes for the object second by second; its alarm is rung by hand. */
async function pass(seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    vi.setSystemTime(Date.now() + 1000)
    await runDurableObjectAlarm(controlStub())
  }
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() })
})

afterEach(async () => {
  vi.useRealTimers()
  await emptyAll()
})

it('publishes a removed origin as draining until its time is over, whatever ends in between', async () => {
  await put(whole)
  const { form } = await snapshot()
  await put(smaller)
  const fromMs = Date.now()
  const leaving = await snapshot()
  expect(leaving.origins).toMatchObject({ 'us-1': { ...us1, state: 'drain' }, 'us-2': us2 })
  expect(leaving.conditions.origins).toMatchObject({
    'us-1': { state: 'drain', drainFromMs: fromMs, drainUntilMs: fromMs + 10_000 },
  })
  expect(leaving.form).not.toBe(form)
  // Who has that form is told no configuration: it is the one of that form.
  const had = { after: leaving.generation - 1, form: leaving.form }
  expect(valueOf(await control.call('snapshot', had))).not.toHaveProperty('config')

  await endOne(controlStub())
  expect(await snapshot()).toEqual(leaving)
  await pass(5)
  await endAll()
  expect(await snapshot()).toEqual(leaving)
  expect(await readPublished()).toMatchObject({ form: leaving.form })
  expect(valueOf(await control.call('origin', { id: 'us-1' }))).toMatchObject({ isRemoved: true })

  await pass(6)
  const gone = await snapshot()
  expect(Object.keys(gone.origins)).toEqual(['us-2'])
  expect(gone.conditions.origins).toEqual({})
  expect([form, leaving.form]).not.toContain(gone.form)
  expect(valueOf(await control.call('origin', { id: 'us-1' }))).toBeNull()
  await put(whole)
  expect(await snapshot()).toMatchObject({ form, origins: { 'us-1': { ...us1, state: 'ready' } } })
})
