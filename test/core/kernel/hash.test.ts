import { describe, expect, it } from 'vitest'
import { combine, hashChance, hashText, mix, toUnit } from '../../../src/core/kernel/hash.ts'
import { deviation, evenly, LUCK, tally } from './binomial.ts'

describe('a hash', () => {
  it('is the same on every run and machine', () => {
    expect([hashText(''), hashText('eu-1'), hashText('é')].map(hex)).toMatchInlineSnapshot(`
      [
        "ab3e7c0b",
        "0fd60694",
        "baf79669",
      ]
    `)
    expect([mix(1), combine(1, 2), combine(2, 1)].map(hex)).toMatchInlineSnapshot(`
      [
        "514e28b7",
        "7e32275d",
        "0dd6b1d3",
      ]
    `)
  })

  it('finalizes as MurmurHash3 does', () => {
    // The reference implementation: fmix32(1) and fmix32(0xdeadbeef).
    expect(mix(0)).toBe(0)
    expect(hex(mix(1))).toBe('514e28b7')
  })

  it('is an unsigned 32-bit integer', () => {
    for (let n = 0; n < 1000; n += 1) {
      for (const hash of [hashText(`text-${n}`), mix(n), combine(n, -n), hashChance(n / 1000)]) {
        expect(hash).toBe(hash >>> 0)
      }
    }
  })

  it('spreads a chance evenly, and one near it elsewhere', () => {
    const counts = tally(10, 20_000, (n) => Math.floor(toUnit(hashChance(n / 20_000)) * 10))
    expect(deviation(counts, evenly(10))).toBeLessThan(LUCK)
  })

  it('becomes a number in [0, 1)', () => {
    expect([0, 0x8000_0000, 0xffff_ffff].map(toUnit)).toEqual([0, 0.5, 1 - 2 ** -32])
  })
})

function hex(hash: number): string {
  return hash.toString(16).padStart(8, '0')
}
