import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { betweenWeights, sharePercentOf } from '../../../src/state/ramp/share.ts'

describe('what a ramp moves', () => {
  it('is a share that a recovery brings up and a drain takes away', () => {
    expect(sharePercentOf({ use: 'recovery', percent: 25 })).toBe(25)
    expect(sharePercentOf({ use: 'drain', percent: 25 })).toBe(75)
    expect(sharePercentOf({ use: 'shift', percent: 25 })).toBe(100)
  })

  it('is how many clients of a route go by other weights: their shares lie in between', () => {
    const from = { eu: 9, us: 1 }
    const to = { us: 3, ap: 1 }
    expect(betweenWeights(from, to, 0)).toEqual({ eu: 90, us: 10, ap: 0 })
    expect(betweenWeights(from, to, 10)).toEqual({ eu: 81, us: 16.5, ap: 2.5 })
    expect(betweenWeights(from, to, 100)).toEqual({ eu: 0, us: 75, ap: 25 })
  })

  it('takes a set of zeros for the other one', () => {
    expect(betweenWeights({ eu: 0, us: 0 }, { eu: 1, us: 3 }, 10)).toEqual({ eu: 25, us: 75 })
    expect(betweenWeights({ eu: 1, us: 3 }, { eu: 0, us: 0 }, 90)).toEqual({ eu: 25, us: 75 })
  })

  it('goes straight, so that no share falls that is to grow', () => {
    const weights = fc.dictionary(
      fc.constantFrom('a', 'b', 'c', 'd'),
      fc.integer({ min: 0, max: 100 }),
      { minKeys: 1 },
    )
    fc.assert(
      fc.property(weights, weights, (from, to) => {
        const path = [0, 10, 25, 50, 75, 100].map((percent) => betweenWeights(from, to, percent))
        for (const pool of Object.keys(path[0] ?? {})) {
          const shares = path.map((at) => at[pool] ?? 0)
          const up = shares.toSorted((left, right) => left - right)
          expect([up, up.toReversed()]).toContainEqual(shares)
        }
        for (const at of path) {
          const sum = Object.values(at).reduce((total, share) => total + share, 0)
          expect(Math.abs(sum - 100) < 1e-4 || sum === 0).toBe(true)
        }
      }),
    )
  })
})
