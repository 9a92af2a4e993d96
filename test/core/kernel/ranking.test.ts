import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { limitOf, offer, startRanking } from '../../../src/core/kernel/ranking.ts'

describe('a ranking', () => {
  it('keeps what a stable sort would put first', () => {
    const scores = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 40 })
    fc.assert(
      fc.property(scores, fc.integer({ min: 1, max: 45 }), (given, take) => {
        const ranking = startRanking(take)
        for (const [member, score] of given.entries()) offer(ranking, member, score)
        const sorted = [...given.entries()].toSorted(([, left], [, right]) => left - right)
        expect(ranking.members).toEqual(sorted.slice(0, take).map(([member]) => member))
        expect(ranking.scores).toEqual(sorted.slice(0, take).map(([, score]) => score))
      }),
      { seed: 3, numRuns: 500 },
    )
  })

  it('asks for the tie only between equal scores', () => {
    const asked: number[] = []
    const ranking = startRanking(3, (member) => {
      asked.push(member)
      return -member
    })
    offer(ranking, 0, 2)
    offer(ranking, 1, 1)
    expect(asked).toEqual([])
    offer(ranking, 2, 2)
    expect(ranking.members).toEqual([1, 2, 0])
  })

  it('says above which score an offer is in vain', () => {
    const ranking = startRanking(2)
    offer(ranking, 0, 5)
    expect(limitOf(ranking)).toBe(Infinity)
    offer(ranking, 1, 7)
    expect(limitOf(ranking)).toBe(7)
    offer(ranking, 2, 6)
    expect(limitOf(ranking)).toBe(6)
  })
})
