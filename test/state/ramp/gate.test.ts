import { describe, expect, it } from 'vitest'
import { Gate } from '../../../src/schema/ramp.ts'
import type { Measure } from '../../../src/schema/report.ts'
import { judge } from '../../../src/state/ramp/gate.ts'
import { bucketOf } from '../../../src/state/latency.ts'

const gate = Gate.parse({})

/** Requests of which some failed, with their latencies: `[count, ms]`. */
function seen(requests: number, failures = 0, slow: readonly [number, number] = [0, 0]): Measure {
  const [count, ms] = slow
  const latencies = { [bucketOf(40)]: requests - count, [bucketOf(ms)]: count }
  return { requests, failures, errors: 0, latencies }
}

describe('the gate of a step', () => {
  it.each([
    ['few', seen(99), '99 of 100 requests so far'],
    ['few', seen(0), '0 of 100 requests so far'],
    ['good', seen(100, 1), 'success 99 % of 100 requests, peers 99.9 %'],
    ['poor', seen(100, 2), 'success 98 % of 100 requests, peers 99.9 %'],
    ['clear', seen(100, 6), 'success 94 % of 100 requests, peers 99.9 %'],
    ['hard', seen(100, 25), '25 % of 100 requests failed'],
    ['hard', seen(20, 5), '25 % of 20 requests failed'],
    ['few', seen(19, 19), '19 of 100 requests so far'],
    ['clear', seen(20, 4), 'success 80 % of 20 requests, peers 99.9 %'],
  ] as const)('is %s', (type, subject, words) => {
    expect(judge(gate, { subject, peers: seen(1000, 1) })).toEqual({ type, words })
  })

  it('counts other answers of 5xx as failures too', () => {
    const subject = { ...seen(100), errors: 30 }
    expect(judge(gate, { subject }).type).toBe('hard')
  })

  it('asks no more than the peers give, less the margin', () => {
    const peers = seen(1000, 30)
    expect(judge(gate, { subject: seen(1000, 35), peers }).type).toBe('good')
    expect(judge(gate, { subject: seen(1000, 36), peers }).type).toBe('poor')
  })

  it('asks for the success rate alone where there are no peers, or too few requests of theirs', () => {
    expect(judge(gate, { subject: seen(1000, 10) })).toEqual({
      type: 'good',
      words: 'success 99 % of 1000 requests, no peers to compare with',
    })
    expect(judge(gate, { subject: seen(1000, 11) }).type).toBe('poor')
    expect(judge(gate, { subject: seen(1000, 11), peers: seen(19, 10) }).type).toBe('poor')
  })

  it('compares the p95 with that of the peers', () => {
    const peers = seen(1000)
    const poor = seen(1000, 0, [60, 90])
    expect(judge(gate, { subject: seen(1000, 0, [49, 90]), peers }).type).toBe('good')
    expect(judge(gate, { subject: poor, peers })).toEqual({
      type: 'poor',
      words: 'p95 95 ms of 1000 requests, peers 46 ms',
    })
    expect(judge(gate, { subject: seen(1000, 0, [100, 90]), peers }).type).toBe('clear')
    expect(judge(gate, { subject: poor }).type).toBe('good')
    const lenient = Gate.parse({ p95Floor: '100ms' })
    expect(judge(lenient, { subject: poor, peers }).type).toBe('good')
  })

  it('looks at the latest part by itself', () => {
    const whole = { subject: seen(100_000, 100), peers: seen(100_000) }
    expect(judge(gate, whole).type).toBe('good')
    expect(judge(gate, whole, { subject: seen(100, 30), peers: seen(100) }).type).toBe('hard')
    expect(judge(gate, whole, { subject: seen(100, 10), peers: seen(100) }).type).toBe('clear')
    expect(judge(gate, whole, { subject: seen(100, 3), peers: seen(100) }).type).toBe('poor')
    expect(judge(gate, whole, { subject: seen(99, 3), peers: seen(100) }).type).toBe('good')
  })

  it('lets pass what was never asked for', () => {
    const none = Gate.parse({ minSamples: 0 })
    expect(judge(none, { subject: seen(0) })).toEqual({ type: 'good', words: 'no requests' })
    expect(judge(none, { subject: seen(1, 1) }).type).toBe('hard')
  })

  it('takes what is as good as asked for clear in about one case of a thousand at most', () => {
    // The upper tail of a binomial at its clear limit, summed exactly.
    for (const count of [20, 50, 100, 1000]) {
      let least = 0
      while (judge(gate, { subject: seen(count, least) }).type !== 'clear') least += 1
      expect(tailOf(count, 0.01, least)).toBeLessThan(0.0011)
    }
  })
})

/** The chance of at least `least` of `count`, each with a chance of `p`. */
function tailOf(count: number, p: number, least: number): number {
  let term = (1 - p) ** count
  let below = 0
  for (let k = 0; k < least; k += 1) {
    below += term
    term *= ((count - k) / (k + 1)) * (p / (1 - p))
  }
  return 1 - below
}
