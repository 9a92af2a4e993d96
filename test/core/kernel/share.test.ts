import { describe, expect, it } from 'vitest'
import { hashText } from '../../../src/core/kernel/hash.ts'
import { rendezvous } from '../../../src/core/kernel/rendezvous.ts'
import { bucketPercent } from '../../../src/core/kernel/share.ts'
import { deviation, LUCK, tally } from './binomial.ts'

const TRIALS = 20_000
const MEMBER = hashText('eu-1')
const keyOf = (n: number) => hashText(`key-${n}`)

const admitted = (key: number, hash: number, sharePercent: number) =>
  bucketPercent(key, hash) < sharePercent

describe('a share', () => {
  it.each([0, 1, 10, 25, 50, 75, 99.5, 100])('admits %d %% of keys', (sharePercent) => {
    const counts = tally(2, TRIALS, (n) => (admitted(keyOf(n), MEMBER, sharePercent) ? 1 : 0))
    expect(deviation(counts, [1 - sharePercent / 100, sharePercent / 100])).toBeLessThan(LUCK)
  })

  it('keeps admitted whom it once admitted as it grows', () => {
    const steps = [1, 10, 25, 50, 75, 100]
    for (let n = 0; n < 1000; n += 1) {
      const admissions = steps.map((step) => admitted(keyOf(n), MEMBER, step))
      expect(admissions).toEqual(admissions.toSorted((left, right) => Number(left) - Number(right)))
    }
  })

  it('is drawn apart from the order: those who would come first are admitted like any', () => {
    const ids = ['a', 'b', 'c', 'd']
    const weighed = { weights: [1, 1, 1, 1], hashes: ids.map(hashText) }
    const first = Array.from({ length: TRIALS }, (_, n) => keyOf(n)).filter(
      (key) => rendezvous(weighed, [0, 1, 2, 3], { key, take: 1 })[0] === 2,
    )
    const count = first.filter((key) => admitted(key, hashText('c'), 10)).length
    expect(deviation([count, first.length - count], [0.1, 0.9])).toBeLessThan(LUCK)
  })

  it('is drawn apart for each member', () => {
    const here = Array.from({ length: TRIALS }, (_, n) => keyOf(n)).filter((key) =>
      admitted(key, hashText('a'), 25),
    )
    const count = here.filter((key) => admitted(key, hashText('b'), 25)).length
    expect(deviation([count, here.length - count], [0.25, 0.75])).toBeLessThan(LUCK)
  })
})
