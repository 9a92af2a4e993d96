import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Group } from '../../../src/core/order/order.ts'
import { roundRobin, takeTurn } from '../../../src/core/order/round-robin.ts'
import { drawOf, everyone, weighing } from './builders.ts'
import { orderContract } from './contract.ts'

orderContract('round-robin', () => roundRobin)

describe('round-robin', () => {
  it('goes as nginx does: 5, 1, 1 is a a b a c a a', () => {
    expect(sequence(weighing(5, 1, 1), 14)).toEqual('aabacaaaabacaa')
  })

  it.each([
    [[1, 1, 1], 'abcabc'],
    [[2, 1], 'abaaba'],
    [[3, 0, 1], 'aacaaaca'],
    [[0, 0], 'aa'],
  ])('with weights %j goes %s', (weights, expected) => {
    expect(sequence(weighing(...weights), expected.length)).toEqual(expected)
  })

  it('names next whom the following turns would choose at equal weights', () => {
    const group = weighing(1, 1, 1)
    const credits = takeTurn({ group, eligible: [0, 1, 2], chosen: 0 }, [])
    expect(roundRobin(group, [0, 1, 2], drawOf({ credits }))).toEqual([1, 2, 0])
  })

  it('serves each member exactly its weight in every round', () => {
    const weights = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(weights, (given) => {
        const group = weighing(...given)
        const total = given.reduce((sum, weight) => sum + weight, 0)
        fc.pre(total > 0)
        const turns = sequence(group, total * 2)
        for (const [member, weight] of given.entries()) {
          const id = group.ids[member] ?? ''
          expect(turns.slice(0, total).split(id).length - 1).toBe(weight)
          expect(turns.slice(total).split(id).length - 1).toBe(weight)
        }
      }),
      { seed: 5, numRuns: 200 },
    )
  })

  it('goes on evenly among the others while one is out, and takes it back without a rush', () => {
    const group = weighing(1, 1, 1)
    let credits: readonly number[] = []
    const turn = (eligible: readonly number[]) => {
      const chosen = roundRobin(group, eligible, drawOf({ credits, take: 1 }))[0] ?? -1
      credits = takeTurn({ group, eligible, chosen }, credits)
      return group.ids[chosen]
    }
    const out = Array.from({ length: 100 }, () => turn([0, 2])).join('')
    expect(out).toBe('ac'.repeat(50))
    const back = Array.from({ length: 6 }, () => turn([0, 1, 2])).join('')
    expect(back).toBe('abcabc')
  })
})

describe('a turn', () => {
  it('leaves the sum of credits and the old credits as they were', () => {
    const group = weighing(5, 1, 1)
    const before = Object.freeze([0, 0, 0])
    const after = takeTurn({ group, eligible: everyone(group), chosen: 0 }, before)
    expect(after).toEqual([-2, 1, 1])
    expect(before).toEqual([0, 0, 0])
  })

  it('leaves the credit of a member that was not eligible', () => {
    const group = weighing(1, 1, 1)
    expect(takeTurn({ group, eligible: [0, 2], chosen: 2 }, [0, 7, -7])).toEqual([1, 7, -8])
  })
})

function sequence(group: Group, turns: number): string {
  let credits: readonly number[] = []
  let served = ''
  for (let turn = 0; turn < turns; turn += 1) {
    const eligible = everyone(group)
    const chosen = roundRobin(group, eligible, drawOf({ credits, take: 1 }))[0] ?? -1
    credits = takeTurn({ group, eligible, chosen }, credits)
    served += group.ids[chosen]
  }
  return served
}
