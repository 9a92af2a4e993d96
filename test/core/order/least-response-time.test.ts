import { describe, expect, it } from 'vitest'
import { leastResponseTime } from '../../../src/core/order/least-response-time.ts'
import { deviation, LUCK, tally } from '../kernel/binomial.ts'
import { chanceNumber, drawOf, everyone, weighing } from './builders.ts'
import type { Load } from '../../../src/core/order/order.ts'
import { orderContract } from './contract.ts'

orderContract('least-response-time', () => leastResponseTime)

const TRIALS = 20_000

describe('least-response-time', () => {
  it.each<[string, Partial<Load>[], number]>([
    ['the faster at equal load', [{ latencyMs: 50 }, { latencyMs: 20 }], 1],
    [
      'the slower when the faster has more waiting than that is worth',
      [{ latencyMs: 50 }, { latencyMs: 20, inFlight: 2 }],
      0,
    ],
    ['the less busy when neither was measured', [{ inFlight: 1 }, {}], 1],
    [
      'one not measured, taken for as fast as the fastest, when it is idle',
      [{}, { latencyMs: 20, inFlight: 1 }],
      0,
    ],
    [
      'the measured one when the other has been kept waiting',
      [{ inFlight: 3 }, { latencyMs: 20 }],
      1,
    ],
  ])('takes %s', (_title, loads, expected) => {
    const group = weighing(1, 1)
    for (let n = 0; n < 50; n += 1) {
      const draw = drawOf({ loads, random: chanceNumber(n) })
      expect(leastResponseTime(group, [0, 1], draw)[0]).toBe(expected)
    }
  })

  it('counts the wait against weight', () => {
    const group = weighing(3, 1)
    const loads = [{ latencyMs: 50 }, { latencyMs: 20 }]
    for (let n = 0; n < 50; n += 1) {
      const draw = drawOf({ loads, random: chanceNumber(n) })
      expect(leastResponseTime(group, [0, 1], draw)).toEqual([0, 1])
    }
  })

  it('does not herd: the fastest of ten gets the pairs it is drawn in, not everything', () => {
    const group = weighing(1, 1, 1, 1, 1, 1, 1, 1, 1, 1)
    const loads = group.ids.map((_, member) => ({ latencyMs: member === 0 ? 5 : 50 }))
    const counts = tally(10, TRIALS, (n) => {
      const draw = drawOf({ loads, random: chanceNumber(n) })
      return leastResponseTime(group, everyone(group), draw)[0] ?? -1
    })
    const shares = counts.map((_, member) => (member === 0 ? 2 / 10 : 8 / 10 / 9))
    expect(deviation(counts, shares)).toBeLessThan(LUCK)
  })
})
