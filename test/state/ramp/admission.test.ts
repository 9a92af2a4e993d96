import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Admission, solveAdmission } from '../../../src/state/ramp/admission.ts'

describe('the share of free clients', () => {
  it('is that of all where affinity keeps nobody', () => {
    expect(solveAdmission(25, { natural: 400, free: 400, kept: 0 })).toEqual({
      admitPercent: 25,
      keptPercent: 0,
      freePercent: 100,
      reachedPercent: 25,
      said: '',
    })
  })

  it('is less where affinity keeps some already', () => {
    const admission = solveAdmission(25, { natural: 1000, free: 900, kept: 100 })
    expect(admission.admitPercent).toBeCloseTo(16.667, 3)
    expect(admission.reachedPercent).toBeCloseTo(25, 9)
    expect(admission.said).toBe('')
  })

  it('is more where others keep clients that would come', () => {
    const admission = solveAdmission(10, { natural: 1000, free: 200, kept: 20 })
    expect(admission).toMatchObject({ admitPercent: 40, reachedPercent: 10, said: '' })
  })

  it('is nothing where more are kept than should be, and that is said', () => {
    expect(solveAdmission(10, { natural: 100, free: 60, kept: 30 })).toMatchObject({
      admitPercent: 0,
      reachedPercent: 30,
      said: 'affinity keeps 30 % there although its share is 10 %',
    })
  })

  it('is everyone where too many are bound elsewhere, and that is said', () => {
    expect(solveAdmission(75, { natural: 100, free: 55, kept: 5 })).toMatchObject({
      admitPercent: 100,
      reachedPercent: 60,
      said: 'affinity keeps the others elsewhere: 60 % although its share is 75 %',
    })
  })

  it('is the share itself while nothing was counted', () => {
    expect(solveAdmission(25, { natural: 0, free: 0, kept: 0 })).toMatchObject({
      admitPercent: 25,
      reachedPercent: 25,
    })
  })

  it('makes the whole right wherever it can, and otherwise comes as near as it can', () => {
    const count = fc.nat(1_000_000)
    const share = fc.integer({ min: 0, max: 100 })
    fc.assert(
      fc.property(
        share,
        fc.record({ natural: count, free: count, kept: count }),
        (sharePercent, counts) => {
          const solved = solveAdmission(sharePercent, { ...counts, natural: counts.natural + 1 })
          const { admitPercent, keptPercent, freePercent, reachedPercent }: Admission = solved
          expect(admitPercent).toBeGreaterThanOrEqual(0)
          expect(admitPercent).toBeLessThanOrEqual(100)
          const nearest = Math.min(keptPercent + freePercent, Math.max(keptPercent, sharePercent))
          expect(reachedPercent).toBeCloseTo(nearest, 6)
        },
      ),
    )
  })
})
