import { describe, expect, it } from 'vitest'
import { leastConnections } from '../../../src/core/order/least-connections.ts'
import { deviation, LUCK, tally } from '../kernel/binomial.ts'
import { chanceNumber, drawOf, everyone, weighing } from './builders.ts'
import { orderContract } from './contract.ts'

orderContract('least-connections', () => leastConnections)

const TRIALS = 20_000
const busy = (...counts: readonly number[]) => counts.map((inFlight) => ({ inFlight }))

describe('least-connections', () => {
  it('takes the less busy of two', () => {
    const group = weighing(1, 1)
    for (let n = 0; n < 50; n += 1) {
      const draw = drawOf({ loads: busy(3, 2), random: chanceNumber(n) })
      expect(leastConnections(group, [0, 1], draw)).toEqual([1, 0])
    }
  })

  it('counts connections against weight', () => {
    const group = weighing(4, 1)
    for (let n = 0; n < 50; n += 1) {
      const draw = drawOf({ loads: busy(7, 2), random: chanceNumber(n) })
      expect(leastConnections(group, [0, 1], draw)).toEqual([0, 1])
    }
  })

  it('shares by weight while all are idle', () => {
    const group = weighing(3, 1)
    const counts = tally(2, TRIALS, (n) => {
      const draw = drawOf({ random: chanceNumber(n) })
      return leastConnections(group, [0, 1], draw)[0] ?? -1
    })
    expect(deviation(counts, [0.75, 0.25])).toBeLessThan(LUCK)
  })

  it('does not herd: the least busy of ten gets the pairs it is drawn in, not everything', () => {
    const group = weighing(1, 1, 1, 1, 1, 1, 1, 1, 1, 1)
    const loads = busy(0, 5, 5, 5, 5, 5, 5, 5, 5, 5)
    const counts = tally(10, TRIALS, (n) => {
      const draw = drawOf({ loads, random: chanceNumber(n) })
      return leastConnections(group, everyone(group), draw)[0] ?? -1
    })
    const shares = counts.map((_, member) => (member === 0 ? 2 / 10 : 8 / 10 / 9))
    expect(deviation(counts, shares)).toBeLessThan(LUCK)
  })

  it('chooses places three and four as it does one and two', () => {
    const group = weighing(1, 1, 1, 1)
    const counts = tally(2, TRIALS, (n) => {
      const draw = drawOf({ loads: busy(1, 1, 1, 0), random: chanceNumber(n) })
      const at = leastConnections(group, everyone(group), draw).indexOf(3)
      expect([0, 2]).toContain(at)
      return at / 2
    })
    expect(deviation(counts, [0.5, 0.5])).toBeLessThan(LUCK)
  })

  it('fills a hundred members nearly evenly, where chance alone would not', () => {
    const group = weighing(...Array.from({ length: 100 }, () => 1))
    const inFlight = group.ids.map(() => 0)
    const draw = drawOf({ take: 1 })
    for (let n = 0; n < 10_000; n += 1) {
      const [chosen = -1] = leastConnections(group, everyone(group), {
        ...draw,
        random: chanceNumber(n),
        load: (member) => ({ inFlight: inFlight[member] ?? 0, latencyMs: undefined }),
      })
      inFlight[chosen] = (inFlight[chosen] ?? 0) + 1
    }
    // 100 each; by chance alone the fullest of a hundred would have about 125.
    expect(Math.max(...inFlight)).toBeLessThanOrEqual(104)
    expect(Math.min(...inFlight)).toBeGreaterThanOrEqual(94)
  })
})
