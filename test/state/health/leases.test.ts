import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PassiveReport } from '../../../src/schema/report.ts'
import {
  findIsolate,
  grantIsolate,
  initialIsolates,
  type Isolates,
  noteIsolate,
} from '../../../src/state/health/isolates.ts'
import { connectionsOf, grantTo, leaseMs, leaseOf } from '../../../src/state/health/leases.ts'
import { passiveReportOf } from '../../support/health.ts'

/** What the object knows of isolates, as reports change it. */
class Counts {
  isolates: Isolates = initialIsolates
  nowMs = 1_800_000_000_000
  #sequence = 0

  pass(isolate: string, report: Partial<PassiveReport>) {
    const full = passiveReportOf({ isolate, sequence: (this.#sequence += 1), ...report })
    const { nowMs } = this
    const noted = noteIsolate(this.isolates, full, { windowMs: 30_000, nowMs })
    this.isolates = grantIsolate(noted, isolate, grantTo(noted, full, nowMs))
    return leaseOf(this.isolates, full, nowMs)
  }

  granted(isolate: string): number | undefined {
    return findIsolate(this.isolates, isolate)?.granted
  }
}

const capped = { maxConnections: 100 }

describe('the lease of connections', () => {
  it('lasts half a minute, and three of the longest pauses between reports', () => {
    expect([1, 1000, 1200, 3000].map((size) => leaseMs({ size }))).toEqual([
      30_000, 30_000, 36_000, 90_000,
    ])
  })

  it('grants nothing while half of the cap is free, or where there is no cap', () => {
    const counts = new Counts()
    expect(counts.pass('a', { inFlight: 500 })).toEqual({ connections: 500, leaseMs: 30_000 })
    const other = new Counts()
    expect(other.pass('a', { inFlight: 49, ...capped }).granted).toBeUndefined()
    expect(other.pass('a', { inFlight: 50, ...capped }).granted).toBeGreaterThan(50)
  })

  it('grants by what is under way and likely to come, and one at least', () => {
    const counts = new Counts()
    const pass = (name: string, inFlight: number, requests: number) =>
      counts.pass(name, { inFlight, requests, ...capped }).granted
    expect(pass('alone', 50, 100)).toBe(100)
    // Until the other reports again, there is nothing left.
    expect(pass('small', 1, 100)).toBe(1)
    expect(pass('alone', 50, 100)).toBe(50 + 35)
    expect(pass('small', 1, 100)).toBe(1 + 3)
    expect(pass('alone', 50, 5)).toBe(50 + 10)
    expect(pass('small', 1, 100)).toBe(1 + 10)
    expect(pass('idle', 0, 0)).toBe(1)
  })

  it('grants nothing more when all is taken, and takes back what is not used', () => {
    const counts = new Counts()
    counts.pass('a', { inFlight: 100, requests: 10, ...capped })
    expect(counts.pass('b', { inFlight: 0, requests: 10, ...capped }).granted).toBe(0)
    counts.pass('a', { inFlight: 60, requests: 10, ...capped })
    expect(counts.pass('b', { inFlight: 0, requests: 10, ...capped }).granted).toBe(5)
    counts.nowMs += 30_001
    // One lease later, nothing of the other is left.
    expect(counts.pass('b', { inFlight: 1, requests: 10, ...capped }).granted).toBeUndefined()
    expect(connectionsOf(counts.isolates, counts.nowMs)).toBe(1)
  })

  it('never grants more in all than the cap, whoever reports when', () => {
    const step = fc.record({
      isolate: fc.integer({ min: 0, max: 9 }),
      used: fc.double({ min: 0, max: 1, noNaN: true }),
      requests: fc.nat(200),
      passMs: fc.nat(5000),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const counts = new Counts()
        for (const { isolate, used, requests, passMs } of steps) {
          counts.nowMs += passMs
          const name = `i-${isolate}`
          const most = counts.granted(name) ?? 10
          counts.pass(name, { inFlight: Math.round(most * used), requests, ...capped })
          const names = Array.from({ length: 10 }, (_, at) => `i-${at}`)
          const promised = names.reduce((sum, each) => {
            const known = findIsolate(counts.isolates, each)
            const isLive = known !== undefined && counts.nowMs - known.seenAtMs <= 30_000
            return sum + (isLive ? Math.max(known.inFlight, known.granted ?? 0) : 0)
          }, 0)
          expect(promised).toBeLessThanOrEqual(100)
        }
      }),
    )
  })
})
