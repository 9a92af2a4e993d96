import { runDurableObjectAlarm } from 'cloudflare:test'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { emptyAll } from '../support/processes-worker.ts'
import { untilHolds } from '../support/until.ts'
import { control, controlStub, put, valueOf } from './control-harness.ts'

const config = {
  ramps: { quick: { dwell: '10s', gate: { minSamples: 0 }, longestWait: '10s' } },
  pools: {
    us: { origins: { 'us-1': { url: 'http://127.0.0.1:9' } } },
    eu: { origins: { 'eu-1': { url: 'http://127.0.0.3:9' } } },
  },
  routes: { all: { steer: { policy: 'weighted', weights: { us: 50, eu: 50 } } } },
}
const weights = { us: 60, eu: 40 }
const all = { steer: { policy: 'weighted', weights } }
const actor = { name: 'ada', from: '192.0.2.1' }
const prefixed = (at: number) => ({ ...config, settings: { prefix: `/_p${at}` } })

/** How often somebody else's revision comes in between. */
let others = 0
let made = 0

beforeEach(() => {
  others = 0
  made = 0
  const digest = crypto.subtle.digest.bind(crypto.subtle)
  // Whoever writes a document waits for its digest: there is time for another to be quicker.
  vi.spyOn(crypto.subtle, 'digest').mockImplementation(async (name, bytes) => {
    const isWeights = new TextDecoder().decode(bytes).includes('"us":60')
    if (isWeights && others > 0) {
      others -= 1
      made += 1
      await put(prefixed(made))
    }
    return digest(name, bytes)
  })
})

afterEach(async () => {
  vi.useRealTimers()
  vi.restoreAllMocks()
  await emptyAll()
})

const current = async () => valueOf(await control.call('config', {}))
const setWeights = async (more = {}) =>
  valueOf(await control.call('setWeights', { route: 'all', weights, actor, ...more }))

it('writes weights into the document that came in between', async () => {
  await put(config)
  others = 1
  expect(await setWeights()).toMatchObject({ outcome: 'done', revision: 3 })
  expect(await current()).toMatchObject({
    revision: 3,
    authored: { ...prefixed(1), routes: { all } },
  })
})

it('gives up when others are quicker twice, and undoes nothing of theirs', async () => {
  await put(config)
  others = 9
  expect(await setWeights()).toMatchObject({ outcome: 'conflict' })
  others = 0
  expect(await current()).toMatchObject({ authored: prefixed(made) })
})

it('does not go on from another revision than the one that was named', async () => {
  await put(config)
  others = 1
  expect(await setWeights({ expect: [1] })).toEqual({ outcome: 'mismatch', revision: 2 })
  expect(await current()).toMatchObject({ authored: prefixed(1) })
})

it('lands a shift in the document that came in between', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() })
  await put(config)
  others = 1
  const asked = { route: 'all', to: weights, ramp: 'quick', actor }
  expect(valueOf(await control.call('startShift', asked))).toMatchObject({ outcome: 'done' })
  await untilHolds(async () => {
    vi.setSystemTime(Date.now() + 1000)
    await runDurableObjectAlarm(controlStub())
    expect((await current())?.revision).toBe(3)
  })
  expect(await current()).toMatchObject({ authored: { ...prefixed(1), routes: { all } } })
})
