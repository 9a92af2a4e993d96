import { describe, expect, it } from 'vitest'
import { failover } from '../../../src/core/order/failover.ts'
import { drawOf, everyone, weighing } from './builders.ts'
import { orderContract } from './contract.ts'

orderContract('failover', () => failover)

describe('failover', () => {
  it('keeps the listed order, whatever the weights', () => {
    const group = weighing(1, 100, 1)
    expect(failover(group, everyone(group), drawOf())).toEqual([0, 1, 2])
    expect(failover(group, [1, 2], drawOf())).toEqual([1, 2])
  })

  it('is the same for every client and chance', () => {
    const group = weighing(1, 1)
    for (const key of [1, 2, 3]) {
      expect(failover(group, [0, 1], drawOf({ key, random: key / 4 }))).toEqual([0, 1])
    }
  })
})
