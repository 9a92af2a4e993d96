import { runDurableObjectAlarm } from 'cloudflare:test'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { ShareCounts } from '../../src/schema/report.ts'
import { emptyAll } from '../support/processes-worker.ts'
import { untilHolds } from '../support/until.ts'
import { control, controlStub, put, valueOf } from './control-harness.ts'
import { originClient } from './origin-harness.ts'

const config = {
  ramps: { quick: { steps: [10, 100], dwell: '40s', gate: { minSamples: 0 } } },
  pools: {
    us: {
      recovery: 'quick',
      origins: { 'us-1': { url: 'http://127.0.0.1:9' }, 'us-2': { url: 'http://127.0.0.2:9' } },
    },
  },
  routes: {
    all: { steer: { policy: 'failover', pools: ['us'] }, affinity: { type: 'cookie' } },
  },
}

let sequence = 0

/** What an isolate says of the requests of us-1. */
async function report(shares: ShareCounts): Promise<void> {
  sequence += 1
  const counts = { requests: 10, failures: 0, errors: 0, latencies: {}, inFlight: 0 }
  const passed = { isolate: 'a', sequence, pool: 'us', ...counts, shares }
  valueOf(await originClient('us-1').call('passed', { origin: 'us-1', report: passed }))
}

async function health(now: 'healthy' | 'unhealthy'): Promise<void> {
  sequence += 1
  const said = { origin: 'us-1', sequence, health: now, evidence: 'by test', sinceMs: 0 }
  valueOf(await control.call('health', { report: said }))
}

async function condition() {
  return valueOf(await control.call('snapshot', {}))?.conditions.origins['us-1']
}

/** Time passes for the objects until the control object has gone by new counts. */
async function look(): Promise<void> {
  for (let second = 0; second < 11; second += 1) {
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

it('admits as many free clients as make the share right with those whom affinity keeps', async () => {
  await put(config)
  await health('unhealthy')
  await health('healthy')
  expect(await condition()).toMatchObject({ sharePercent: 10, keepsSinceMs: Date.now() })
  expect(await condition()).not.toHaveProperty('admitPercent')

  await look()
  await report({ natural: 300, free: 60, kept: 6 })
  await report({ natural: 300, free: 60, kept: 6 })
  await look()
  // 10 % of 600 are to come, 12 come anyhow, and 48 of the 120 that are free.
  await untilHolds(async () => expect(await condition()).toMatchObject({ admitPercent: 40 }))
  const ramp = valueOf(await control.call('ramp', { id: 'origin:us-1' }))
  expect(ramp?.affinity).toEqual({
    admitPercent: 40,
    keptPercent: 2,
    freePercent: 20,
    reachedPercent: 10,
    said: '',
  })

  await report({ natural: 600, free: 120, kept: 180 })
  await look()
  await untilHolds(async () => expect(await condition()).toMatchObject({ admitPercent: 0 }))
  expect(valueOf(await control.call('ramp', { id: 'origin:us-1' }))?.why).toMatch(
    /; affinity keeps \d+ % there although its share is 10 %$/,
  )
})
