import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hashText } from '../../../src/core/kernel/hash.ts'
import { rendezvous, rendezvousScore, type Weighed } from '../../../src/core/kernel/rendezvous.ts'
import { deviation, LUCK, tally } from './binomial.ts'

const TRIALS = 40_000
const RUNS = { seed: 7, numRuns: 60 }

function weighedBy(...weights: readonly number[]): Weighed {
  return { weights, hashes: weights.map((_, member) => hashText(`member-${member}`)) }
}

function membersOf({ weights }: Weighed): number[] {
  return Array.from(weights, (_, member) => member)
}

function firstOf(weighed: Weighed, members: readonly number[], key: number): number {
  return rendezvous(weighed, members, { key, take: 1 })[0] ?? -1
}

const keyOf = (n: number) => hashText(`key-${n}`)

const weights = fc.array(fc.constantFrom(0, 0.25, 1, 1, 2, 5, 40), { minLength: 2, maxLength: 12 })

describe('weighted rendezvous hashing', () => {
  it.each([
    [[1, 1]],
    [[70, 30]],
    [[5, 1, 1]],
    [[1, 2, 3, 4]],
    [[0.5, 0.25, 0.25]],
    [[1000, 1]],
    [Array.from({ length: 50 }, (_, member) => 1 + (member % 4))],
  ])('gives first places in proportion to weights %j', (given) => {
    const weighed = weighedBy(...given)
    const total = given.reduce((sum, weight) => sum + weight, 0)
    const members = membersOf(weighed)
    const counts = tally(given.length, TRIALS, (n) => firstOf(weighed, members, keyOf(n)))
    const shares = given.map((weight) => weight / total)
    expect(deviation(counts, shares)).toBeLessThan(LUCK)
  })

  it('resolves the least share that the schema lets one of two members have', () => {
    const weighed = weighedBy(1_000_000, 1)
    const trials = 4_000_000
    const counts = tally(2, trials, (n) => firstOf(weighed, [0, 1], n))
    expect(deviation(counts, [1_000_000 / 1_000_001, 1 / 1_000_001])).toBeLessThan(LUCK)
  })

  it('gives second places in proportion among those that are left', () => {
    const weighed = weighedBy(5, 3, 1)
    const seconds = tally(3, TRIALS, (n) => {
      const [first, second = -1] = rendezvous(weighed, [0, 1, 2], { key: keyOf(n), take: 2 })
      return first === 0 ? second : 0
    })
    expect(deviation(seconds.slice(1), [3 / 4, 1 / 4])).toBeLessThan(LUCK)
  })

  it('moves keys only to a member whose weight rises', () => {
    fc.assert(
      fc.property(weights, fc.nat(), fc.nat(), (given, pick, salt) => {
        const raised = pick % given.length
        const before = weighedBy(...given)
        const after = weighedBy(...given.map((w, member) => (member === raised ? w * 2 + 1 : w)))
        for (let n = 0; n < 100; n += 1) {
          const was = firstOf(before, membersOf(before), keyOf(salt + n))
          const is = firstOf(after, membersOf(after), keyOf(salt + n))
          expect([was, raised]).toContain(is)
        }
      }),
      RUNS,
    )
  })

  it('moves only the keys of a member that leaves, each to its own next', () => {
    fc.assert(
      fc.property(weights, fc.nat(), fc.nat(), (given, pick, salt) => {
        const weighed = weighedBy(...given)
        const everyone = membersOf(weighed)
        const gone = pick % given.length
        for (let n = 0; n < 50; n += 1) {
          const key = keyOf(salt + n)
          const order = rendezvous(weighed, everyone, { key, take: given.length })
          const remaining = everyone.filter((member) => member !== gone)
          const without = rendezvous(weighed, remaining, { key, take: given.length })
          expect(without).toEqual(order.filter((member) => member !== gone))
        }
      }),
      RUNS,
    )
  })

  it('orders by score, with and without pruning', () => {
    fc.assert(
      fc.property(weights, fc.nat(), fc.nat({ max: 12 }), (given, key, extra) => {
        const weighed = weighedBy(...given)
        const byScore = membersOf(weighed).toSorted(
          (left, right) =>
            compare(rendezvousScore(weighed, left, key), rendezvousScore(weighed, right, key)) ||
            left - right,
        )
        const take = 1 + extra
        const best = rendezvous(weighed, membersOf(weighed), { key, take })
        expect(best).toEqual(byScore.slice(0, take))
      }),
      { seed: 8, numRuns: 500 },
    )
  })

  it('prunes nobody who could win', () => {
    const weighed = weighedBy(...Array.from({ length: 60 }, (_, member) => 1 + (member % 5)))
    const members = membersOf(weighed)
    for (let n = 0; n < 2000; n += 1) {
      const scores = members.map((member) => rendezvousScore(weighed, member, keyOf(n)))
      expect(firstOf(weighed, members, keyOf(n))).toBe(scores.indexOf(Math.min(...scores)))
    }
  })

  it('has a finite score above 0 for every key, also where the hash is 0', () => {
    const weighed = { weights: [1_000_000], hashes: [0] }
    for (const key of [0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff]) {
      const score = rendezvousScore(weighed, 0, key)
      expect(score).toBeGreaterThan(0)
      expect(score).toBeLessThan(Infinity)
    }
  })

  it('leaves members without weight behind, as they are listed', () => {
    const weighed = weighedBy(0, 3, 0, 1)
    for (let n = 0; n < 50; n += 1) {
      expect(rendezvous(weighed, [0, 1, 2, 3], { key: keyOf(n), take: 4 }).slice(2)).toEqual([0, 2])
    }
  })
})

function compare(left: number, right: number): number {
  return left === right ? 0 : left - right
}
