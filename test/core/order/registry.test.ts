import { describe, expect, it } from 'vitest'
import { failover } from '../../../src/core/order/failover.ts'
import { compileOrder } from '../../../src/core/order/registry.ts'
import { weighted } from '../../../src/core/order/weighted.ts'
import { Balance, Steer } from '../../../src/schema/steer.ts'
import { drawOf, everyone, weighing } from './builders.ts'

const steers = Steer.options.map((option) => option.shape.policy.value)
const balances = Balance.options.map((option) => option.shape.algorithm.value)

describe('the registry of policies', () => {
  it.each(steers)('makes an order of the steering policy %s', (policy) => {
    const steer = Steer.parse({ policy, ...poolsFor(policy) })
    const group = weighing(1, 1, 1)
    const order = compileOrder(steer, group.ids)
    expect(order(group, everyone(group), drawOf())).toHaveLength(3)
  })

  it.each(balances)('makes an order of the balancing algorithm %s', (algorithm) => {
    const group = weighing(1, 1, 1)
    const order = compileOrder(Balance.parse({ algorithm }), group.ids)
    expect(order(group, everyone(group), drawOf())).toHaveLength(3)
  })

  it('has one order for a policy and the algorithm of its name', () => {
    const steer = Steer.parse({ policy: 'failover', pools: ['a'] })
    expect(compileOrder(steer, ['a'])).toBe(failover)
    expect(compileOrder(Balance.parse({ algorithm: 'failover' }), ['a'])).toBe(failover)
    expect(compileOrder(Balance.parse({ algorithm: 'weighted' }), ['a'])).toBe(weighted)
  })

  it('tells a policy its parameters', () => {
    const group = weighing(1, 1)
    const loads = [{ latencyMs: 10 }, { latencyMs: 90 }]
    const firstWith = (explore: number) => {
      const order = compileOrder(Balance.parse({ algorithm: 'latency', explore }), group.ids)
      const draws = Array.from({ length: 40 }, (_, n) => drawOf({ loads, random: n / 40 }))
      return new Set(draws.map((draw) => order(group, [0, 1], draw)[0]))
    }
    expect(firstWith(0)).toEqual(new Set([0]))
    expect(firstWith(0.5)).toEqual(new Set([0, 1]))
  })
})

function poolsFor(policy: string): object {
  const pools = ['a', 'b', 'c']
  if (policy === 'weighted') return { weights: pools }
  return policy === 'geo' ? { default: pools } : { pools }
}
