import { describe, expect, it } from 'vitest'
import { toVector } from '../../../src/core/kernel/globe.ts'
import { latency } from '../../../src/core/order/latency.ts'
import { deviation, LUCK, tally } from '../kernel/binomial.ts'
import { chanceNumber, CITIES, drawOf, everyone, groupOf, weighing } from './builders.ts'
import { orderContract } from './contract.ts'

orderContract('latency', () => latency(0.05))
orderContract('latency that explores much', () => latency(0.5))

const TRIALS = 20_000
const { frankfurt, paris, virginia, tokyo } = CITIES
const measured = (...latencies: readonly number[]) => latencies.map((latencyMs) => ({ latencyMs }))

describe('latency', () => {
  it('goes to the fastest, then the next fastest', () => {
    const group = weighing(1, 1, 1)
    const draw = drawOf({ loads: measured(90, 20, 40) })
    expect(latency(0)(group, everyone(group), draw)).toEqual([1, 2, 0])
  })

  it('shares by weight among those within 10 % of the fastest', () => {
    const group = weighing(3, 1, 1, 1)
    const loads = measured(21.9, 20, 22.1, 60)
    const counts = tally(4, TRIALS, (n) => {
      const draw = drawOf({ loads, random: chanceNumber(n) })
      const order = latency(0)(group, everyone(group), draw)
      expect(order.slice(2)).toEqual([2, 3])
      return order[0] ?? -1
    })
    expect(deviation(counts, [0.75, 0.25, 0, 0])).toBeLessThan(LUCK)
  })

  it('tries another first as often as it is to explore, by weight, the fastest next', () => {
    const group = weighing(1, 2, 1)
    const counts = tally(3, TRIALS, (n) => {
      const draw = drawOf({ loads: measured(20, 80, 90), random: chanceNumber(n) })
      const [first = -1, ...rest] = latency(0.1)(group, everyone(group), draw)
      expect(rest).toEqual([0, 1, 2].filter((member) => member !== first))
      return first
    })
    expect(deviation(counts, [0.9, 0.1 * (2 / 3), 0.1 * (1 / 3)])).toBeLessThan(LUCK)
  })

  it('never explores a member of weight 0', () => {
    const group = weighing(1, 0)
    for (let n = 0; n < 200; n += 1) {
      const draw = drawOf({ loads: measured(20, 10), random: chanceNumber(n) })
      expect(latency(0.5)(group, [0, 1], draw)).toEqual([0, 1])
    }
  })

  it('tries a member that it has not measured and does not know the place of', () => {
    const group = weighing(1, 1)
    const loads = [{ latencyMs: 20 }, {}]
    expect(latency(0)(group, [0, 1], drawOf({ loads }))).toEqual([1, 0])
  })

  it('starts with the nearest, and tries others only where they could be faster', () => {
    const group = groupOf([{ location: tokyo }, { location: virginia }, { location: frankfurt }])
    const position = toVector(paris)
    const fresh = drawOf({ position })
    expect(latency(0)(group, everyone(group), fresh)).toEqual([2, 1, 0])
    // Light needs 61 ms to Virginia and back, 97 ms to Tokyo.
    const fast = drawOf({ position, loads: [{}, {}, { latencyMs: 30 }] })
    expect(latency(0)(group, everyone(group), fast)).toEqual([2, 1, 0])
    const slow = drawOf({ position, loads: [{}, {}, { latencyMs: 80 }] })
    expect(latency(0)(group, everyone(group), slow)).toEqual([1, 2, 0])
  })

  it('does not keep waiting on one that has never answered', () => {
    const group = weighing(1, 1)
    const firstWith = (inFlight: number) =>
      latency(0)(group, [0, 1], drawOf({ loads: [{ latencyMs: 20 }, { inFlight }] }))[0]
    expect(firstWith(3)).toBe(1)
    expect(firstWith(30)).toBe(0)
  })
})
