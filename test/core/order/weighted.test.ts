import { describe, expect, it } from 'vitest'
import { hashChance } from '../../../src/core/kernel/hash.ts'
import { hash } from '../../../src/core/order/hash.ts'
import { weighted } from '../../../src/core/order/weighted.ts'
import { deviation, LUCK, tally } from '../kernel/binomial.ts'
import { chanceNumber, drawOf, everyone, groupOf, keyNumber, weighing } from './builders.ts'
import { orderContract } from './contract.ts'

orderContract('weighted', () => weighted)
orderContract('hash', () => hash)

const TRIALS = 20_000

describe.each([
  ['weighted', weighted],
  ['hash', hash],
])('%s', (_name, order) => {
  it('gives shares in proportion to the weights', () => {
    const group = weighing(70, 30)
    const counts = tally(
      2,
      TRIALS,
      (n) => order(group, [0, 1], drawOf({ key: keyNumber(n) }))[0] ?? -1,
    )
    expect(deviation(counts, [0.7, 0.3])).toBeLessThan(LUCK)
  })

  it('keeps a key where it is, whatever the chance of the request', () => {
    const group = weighing(1, 1, 1)
    const orderAt = (random: number) => order(group, everyone(group), drawOf({ key: 9, random }))
    expect(orderAt(0.1)).toEqual(orderAt(0.9))
  })

  it('moves only the keys of a member that leaves', () => {
    const group = weighing(3, 2, 1)
    for (let n = 0; n < 500; n += 1) {
      const draw = drawOf({ key: keyNumber(n) })
      const whole = order(group, [0, 1, 2], draw)
      expect(order(group, [0, 2], draw)).toEqual(whole.filter((member) => member !== 1))
    }
  })

  it('moves keys only to a member whose weight rises', () => {
    const before = weighing(3, 2, 1)
    const after = weighing(3, 2, 4)
    for (let n = 0; n < 500; n += 1) {
      const draw = drawOf({ key: keyNumber(n), take: 1 })
      const [was] = order(before, [0, 1, 2], draw)
      expect([was, 2]).toContain(order(after, [0, 1, 2], draw)[0])
    }
  })

  it('keeps a client in one pool on each route that weighs the pools alike', () => {
    const api = groupOf([{}, {}, {}], 'route:api')
    const files = groupOf([{}, {}, {}], 'route:files')
    for (let n = 0; n < 100; n += 1) {
      const draw = drawOf({ key: keyNumber(n) })
      expect(order(api, [0, 1, 2], draw)).toEqual(order(files, [0, 1, 2], draw))
    }
  })

  it('orders origins apart from pools, although their ids are the same', () => {
    const pools = groupOf([{}, {}], 'route:api')
    const origins = groupOf([{}, {}], 'pool:a')
    const drawn = Array.from({ length: TRIALS }, (_, n) => drawOf({ key: keyNumber(n) })).filter(
      (draw) => order(pools, [0, 1], draw)[0] === 0,
    )
    const same = drawn.filter((draw) => order(origins, [0, 1], draw)[0] === 0)
    const counts = [same.length, drawn.length - same.length]
    expect(deviation(counts, [0.5, 0.5])).toBeLessThan(LUCK)
  })

  it('shares by weight when its key is chance', () => {
    const group = weighing(3, 1)
    const counts = tally(2, TRIALS, (n) => {
      const random = chanceNumber(n)
      return order(group, [0, 1], drawOf({ key: hashChance(random), random }))[0] ?? -1
    })
    expect(deviation(counts, [0.75, 0.25])).toBeLessThan(LUCK)
  })
})
