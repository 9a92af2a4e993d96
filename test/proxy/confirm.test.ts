import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createControlClient } from '../../durable/control-methods.ts'
import { CONFIRM_LIMITS, confirm, isUnconfirmed } from '../../src/proxy/confirm.ts'
import { createIsolate, type Isolate } from '../../src/proxy/isolate.ts'
import { serve } from '../../src/proxy/serve.ts'
import { createSource } from '../../src/proxy/source.ts'
import { emptyAll } from '../support/processes-worker.ts'
import { configOf, NOW_MS } from './builders.ts'

const control = createControlClient(env, 10_000)
const actor = { name: 'ada', from: '192.0.2.1' }

/** Without a look for so long, an isolate is not sure: the default. */
const AFTER_MS = 5000

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'], now: NOW_MS })
})

afterEach(async () => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
  await emptyAll()
})

describe('an isolate that was idle', () => {
  let isolate: Isolate
  /** How often the origin was asked. */
  let asked: number

  beforeEach(async () => {
    isolate = createIsolate()
    asked = 0
    vi.stubGlobal('fetch', async () => {
      asked += 1
      return new Response(String(asked), { headers: { 'cache-control': 'max-age=3600' } })
    })
    const steer = { policy: 'failover' as const, pools: ['main'] }
    const authored = configOf({ route: { steer, cache: { tiers: { colo: false, kv: false } } } })
    await control.call('put', { authored })
  })

  async function ask(): Promise<string> {
    const ctx = createExecutionContext()
    const request = new Request<unknown, IncomingRequestCfProperties>('https://www.example.com/a')
    const answer = await serve(isolate, { request, env, ctx }, async () => new Response())
    return answer.text()
  }

  it('hears of a purge before it gives out what it keeps', async () => {
    expect([await ask(), await ask()]).toEqual(['1', '1'])
    vi.setSystemTime(NOW_MS + 1000)
    await control.call('purge', { targets: [{ all: true }], kind: 'hard', actor, override: true })
    vi.setSystemTime(NOW_MS + 1000 + AFTER_MS)
    // The data centre believes what its isolates tell each other for three seconds, by a clock that tests do not set.
    const shared = await caches.open('portolan')
    await shared.delete('https://www.example.com/portolan-snapshot/head')
    expect(await ask()).toBe('2')
  })

  it('gives out what it keeps when there is nothing new', async () => {
    await ask()
    vi.setSystemTime(NOW_MS + AFTER_MS)
    expect([await ask(), asked]).toEqual(['1', 1])
  })
})

describe('waiting for a look', () => {
  it('ends with it, or when there is none, or after half a second', async () => {
    const source = createSource()
    expect(isUnconfirmed(source, { nowMs: NOW_MS, afterMs: AFTER_MS })).toBe(true)
    await confirm(source)
    source.busySinceMs = NOW_MS
    const waiting = confirm(source)
    source.lookedAtMs = NOW_MS
    await waiting
    expect(isUnconfirmed(source, { nowMs: NOW_MS + AFTER_MS - 1, afterMs: AFTER_MS })).toBe(false)
    const beganMs = performance.now()
    await confirm(source)
    expect(performance.now() - beganMs).toBeGreaterThanOrEqual(CONFIRM_LIMITS.waitMs * 0.9)
  })
})
