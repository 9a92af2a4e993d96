import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { failureOf, passiveReportOf, resultOf } from '../support/health.ts'
import { emptyAll, endOne } from '../support/processes-worker.ts'
import { until } from '../support/until.ts'
import { valueOf } from './control-harness.ts'
import { originClient, originStub, overhear, probe } from './origin-harness.ts'

afterEach(emptyAll)

const down = [failureOf(), failureOf(), failureOf()]

describe('the object of an origin', () => {
  it('knows nothing of an origin that nobody has spoken of, and stores nothing', async () => {
    const detail = valueOf(await originClient('alone').call('detail', { origin: 'alone' }))
    expect(detail).toEqual({
      origin: 'alone',
      health: 'unknown',
      evidence: 'no monitor, and too little traffic to tell',
      sinceMs: 0,
      flaps: 0,
      connections: 0,
      passing: { perMinute: 0, knownSinceMs: expect.any(Number) },
      regions: [],
      passive: {
        requests: 0,
        failures: 0,
        errors: 0,
        latencies: {},
        windowMs: 30_000,
        isolates: 0,
      },
    })
    const stored = await runInDurableObject(originStub('alone'), async (_, { storage }) => [
      [...storage.kv.list()].length,
      await storage.getAlarm(),
    ])
    expect(stored).toEqual([0, null])
  })

  it('judges by what probers report, and shows what each region sees', async () => {
    await overhear('alone', () => true)
    expect(await probe('alone', 'wnam', { results: [resultOf()] })).toEqual({ health: 'healthy' })
    expect(await probe('alone', 'weur', { results: down })).toEqual({ health: 'degraded' })
    expect(await probe('alone', 'apac', { results: down })).toEqual({ health: 'unhealthy' })
    const detail = valueOf(await originClient('alone').call('detail', { origin: 'alone' }))
    expect(detail).toMatchObject({
      health: 'unhealthy',
      evidence: '2 of 3 regions, 3 in a row: connection refused',
      regions: [
        { region: 'wnam', monitor: 'web', verdict: 'up', inARow: 1, lastDetail: '' },
        { region: 'weur', verdict: 'down', inARow: 3, lastDetail: 'connection refused' },
        { region: 'apac', verdict: 'down', inARow: 3, lastLatencyMs: 3, lastAtMs: 0 },
      ],
    })
  })

  it('goes on where it was when it is evicted', async () => {
    await overhear('alone', () => true)
    await probe('alone', 'wnam', { results: [resultOf()] })
    await probe('alone', 'weur', { results: down })
    await probe('alone', 'apac', { results: [failureOf(), failureOf()] })
    const before = valueOf(await originClient('alone').call('detail', { origin: 'alone' }))
    await endOne(originStub('alone'))
    await overhear('alone', () => true)
    expect(valueOf(await originClient('alone').call('detail', { origin: 'alone' }))).toEqual({
      ...before,
      // What is counted is not stored while nobody goes by it.
      passing: { perMinute: 0, knownSinceMs: expect.any(Number) },
    })
    // Its third failure, and a late one that changes nothing.
    expect(await probe('alone', 'apac', { sequence: 1, results: down })).toEqual({
      health: 'degraded',
    })
    expect(await probe('alone', 'apac', { sequence: 2, results: [failureOf()] })).toEqual({
      health: 'unhealthy',
    })
  })

  it('tells of its health until it is heard', async () => {
    let isHeard = false
    const { told } = await overhear('alone', () => isHeard)
    await probe('alone', 'wnam', { results: [resultOf()] })
    expect(told).toEqual([])
    isHeard = true
    await until(async () => {
      await runDurableObjectAlarm(originStub('alone'))
      return told.length > 0
    })
    expect(told).toMatchObject([{ origin: 'alone', health: 'healthy' }])
  })

  it('asks the other regions to look when one begins to fail', async () => {
    const { urged } = await overhear('alone', () => true)
    for (const region of ['wnam', 'weur', 'apac'] as const) {
      await probe('alone', region, { results: [resultOf()] })
    }
    await probe('alone', 'weur', { sequence: 2, results: [failureOf()] })
    await until(async () => urged.length > 1)
    expect(urged).toEqual(['wnam', 'apac'])
  })

  it('counts traffic and connections, and says how long to wait before the next report', async () => {
    const client = originClient('alone')
    for (const isolate of ['a', 'b']) {
      const report = passiveReportOf({ isolate, failures: 1, inFlight: 7, latencies: { 20: 10 } })
      const answer = valueOf(await client.call('passed', { origin: 'alone', report }))
      const connections = isolate === 'a' ? 7 : 14
      expect(answer).toEqual({ reportAfterMs: 2000, connections, leaseMs: 30_000 })
    }
    const detail = valueOf(await client.call('detail', { origin: 'alone' }))
    expect(detail.connections).toBe(14)
    const counts = { requests: 20, failures: 2, errors: 0, latencies: { 20: 20 } }
    expect(detail.passive).toEqual({ ...counts, windowMs: 30_000, isolates: 2 })
    const aside = { isolate: 'b', sequence: 2, ejectedFor: '5 failures in a row' }
    const report = passiveReportOf({ ...aside, requests: 0, latencies: {} })
    valueOf(await client.call('passed', { origin: 'alone', report }))
    const later = valueOf(await client.call('detail', { origin: 'alone' }))
    expect(later.passive).toMatchObject({ isolates: 2, ejecting: 1 })
    const sinceMs = Date.now() - 60_000
    const measure = valueOf(await client.call('measure', { origin: 'alone', sinceMs }))
    expect(measure).toMatchObject(counts)
    // It began later than that.
    expect(measure.completeSinceMs).toBeGreaterThan(sinceMs)
  })

  it('counts no connections of isolates that have died, one lease after their last word', async () => {
    onTestFinished(() => void vi.useRealTimers())
    const bornAtMs = Date.now()
    const at = (ms: number) => vi.useFakeTimers({ toFake: ['Date'], now: bornAtMs + ms })
    const client = originClient('alone')
    const pass = async (isolate: string, inFlight: number) => {
      const report = passiveReportOf({ isolate, sequence: Date.now(), inFlight })
      return valueOf(await client.call('passed', { origin: 'alone', report })).connections
    }
    at(0)
    for (let born = 1; born <= 20; born += 1) await pass(`dies-${born}`, 10)
    expect(await pass('lives', 5)).toBe(205)
    at(30_000)
    expect(await pass('lives', 6)).toBe(206)
    at(30_001)
    expect(await pass('lives', 7)).toBe(7)
  })

  it('keeps the counts over an eviction while somebody goes by them', async () => {
    const client = originClient('alone')
    const sinceMs = Date.now()
    await client.call('measure', { origin: 'alone', sinceMs })
    const report = passiveReportOf()
    await client.call('passed', { origin: 'alone', report })
    await endOne(originStub('alone'))
    const measure = valueOf(await client.call('measure', { origin: 'alone', sinceMs }))
    expect(measure.requests).toBe(10)
  })

  it('refuses what is no report', async () => {
    const client = originClient('alone')
    const report = { ...passiveReportOf(), requests: -1 }
    const answer = await client.call('passed', { origin: 'alone', report })
    expect(answer).toMatchObject({ ok: false, error: { kind: 'refused' } })
  })
})
