import { describe, expect, it } from 'vitest'
import { random } from '../../../src/core/order/random.ts'
import { deviation, evenly, LUCK, tally } from '../kernel/binomial.ts'
import { chanceNumber, drawOf, groupOf, weighing } from './builders.ts'
import { orderContract } from './contract.ts'

orderContract('random', () => random)

const TRIALS = 20_000

describe('random', () => {
  it('makes every order of three as likely as any other, whatever the weights', () => {
    const group = weighing(1, 5, 100)
    const orders = ['012', '021', '102', '120', '201', '210']
    const counts = tally(orders.length, TRIALS, (n) =>
      orders.indexOf(random(group, [0, 1, 2], drawOf({ random: chanceNumber(n) })).join('')),
    )
    expect(deviation(counts, evenly(6))).toBeLessThan(LUCK)
  })

  it('draws in one group apart from another', () => {
    const pools = groupOf([{}, {}], 'route:api')
    const origins = groupOf([{}, {}], 'pool:a')
    const same = tally(2, TRIALS, (n) => {
      const draw = drawOf({ random: chanceNumber(n), take: 1 })
      return random(pools, [0, 1], draw)[0] === random(origins, [0, 1], draw)[0] ? 1 : 0
    })
    expect(deviation(same, evenly(2))).toBeLessThan(LUCK)
  })
})
