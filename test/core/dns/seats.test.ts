import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { continentOf } from '../../../src/core/dns/continent.ts'
import { seatsByWeight, seatsInTurns } from '../../../src/core/dns/seats.ts'

const claim = fc.record({
  most: fc.integer({ min: 1, max: 9 }),
  weight: fc.integer({ min: 1, max: 100 }),
})
const claims = fc.array(claim, { minLength: 1, maxLength: 6 })
const room = fc.integer({ min: 1, max: 12 })

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0)
}

describe('seats in turns', () => {
  it('are all taken, as evenly as can be, and none is lost when another claim goes', () => {
    fc.assert(
      fc.property(claims, room, fc.nat(), (all, seats, pick) => {
        const taken = seatsInTurns(all, seats)
        expect(sum(taken)).toBe(Math.min(seats, sum(all.map(({ most }) => most))))
        const gone = pick % all.length
        const after = seatsInTurns(
          all.filter((_, at) => at !== gone),
          seats,
        )
        const before = taken.filter((_, at) => at !== gone)
        expect(after.every((own, at) => own >= (before[at] ?? 0))).toBe(true)
      }),
      { numRuns: 300 },
    )
  })
})

describe('seats by weight', () => {
  it('are one at least for each claim, and never more than there are', () => {
    fc.assert(
      fc.property(claims, room, (all, most) => {
        const taken = seatsByWeight(all, { least: 1, most })
        expect(sum(taken)).toBeLessThanOrEqual(most)
        expect(taken.every((own, at) => own <= (all[at]?.most ?? 0))).toBe(true)
        expect(taken.filter((own) => own > 0)).toHaveLength(Math.min(most, all.length))
      }),
      { numRuns: 300 },
    )
  })

  it.each([
    { weights: [70, 30], fill: [9, 9], most: 8, seats: [5, 2] },
    { weights: [50, 50], fill: [9, 9], most: 8, seats: [4, 4] },
    { weights: [90, 10], fill: [9, 9], most: 8, seats: [7, 1] },
    { weights: [50, 50], fill: [1, 4], most: 8, seats: [1, 1] },
    { weights: [1, 2, 3], fill: [9, 9, 9], most: 6, seats: [1, 2, 3] },
    { weights: [1, 5, 3], fill: [9, 9, 9], most: 2, seats: [0, 1, 1] },
  ])('of weights $weights with $fill to fill and $most in all are $seats', (example) => {
    const { weights, fill, most, seats } = example
    const all = weights.map((weight, at) => ({ weight, most: fill[at] ?? 0 }))
    expect(seatsByWeight(all, { least: 1, most })).toEqual(seats)
  })

  it('are as many as are asked for at least, where there are that many', () => {
    const even = [
      { weight: 1, most: 1 },
      { weight: 1, most: 4 },
    ]
    expect(seatsByWeight(even, { least: 4, most: 8 })).toEqual([1, 3])
  })
})

describe('the continent of a country', () => {
  it('is known for every country, and for nothing else', () => {
    const names = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' })
    expect(['DE', 'US', 'CN', 'BR', 'AU', 'ZA', 'AQ'].map(continentOf)).toEqual([
      'EU',
      'NA',
      'AS',
      'SA',
      'OC',
      'AF',
      'AN',
    ])
    expect(['T1', 'XX', 'QQ', 'de'].map(continentOf)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ])
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'.split('')
    const known = letters
      .flatMap((one) => letters.map((other) => `${one}${other}`))
      .filter((country) => continentOf(country))
    expect(known).toHaveLength(250)
    expect(known.filter((country) => names.of(country) === undefined)).toEqual([])
  })
})
