import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { solveAdmission } from '../../../src/state/ramp/admission.ts'

describe('the share of new clients', () => {
  it('is that of all where affinity keeps nobody', () => {
    const admission = solveAdmission({ targetPercent: 25, keptPercent: 0 })
    expect(admission).toEqual({ newPercent: 25, reachedPercent: 25, said: '' })
  })

  it('is less where affinity keeps some already', () => {
    const admission = solveAdmission({ targetPercent: 25, keptPercent: 10 })
    expect(admission.newPercent).toBeCloseTo(16.667, 3)
    expect(admission.reachedPercent).toBeCloseTo(25, 9)
    expect(admission.said).toBe('')
  })

  it('is nothing where more are kept than should be, and that is said', () => {
    expect(solveAdmission({ targetPercent: 10, keptPercent: 18 })).toEqual({
      newPercent: 0,
      reachedPercent: 18,
      said: 'affinity keeps 18 % instead of 10 % there, although no new client is sent',
    })
  })

  it('is everyone where too many are bound elsewhere, and that is said', () => {
    const input = { targetPercent: 75, keptPercent: 5, awayPercent: 40 }
    expect(solveAdmission(input)).toEqual({
      newPercent: 100,
      reachedPercent: 60,
      said: 'affinity keeps the others elsewhere: 60 % instead of 75 %, although every new client is sent',
    })
  })

  it('makes the whole right wherever it can, and otherwise comes as near as it can', () => {
    const percent = fc.double({ min: 0, max: 100, noNaN: true })
    fc.assert(
      fc.property(percent, percent, percent, (targetPercent, keptPercent, awayPercent) => {
        const { newPercent, reachedPercent } = solveAdmission({
          targetPercent,
          keptPercent,
          awayPercent,
        })
        expect(newPercent).toBeGreaterThanOrEqual(0)
        expect(newPercent).toBeLessThanOrEqual(100)
        const most = Math.max(keptPercent, 100 - awayPercent)
        const nearest = Math.min(most, Math.max(keptPercent, targetPercent))
        expect(reachedPercent).toBeCloseTo(nearest, 6)
      }),
    )
  })
})
