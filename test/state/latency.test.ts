import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LatencyCounts } from '../../src/schema/report.ts'
import { LATENCY, add, bucketOf, countOf, quantile, upperBoundMs } from '../../src/state/latency.ts'

const latencies = fc.array(fc.double({ min: 0, max: 90_000, noNaN: true }), { maxLength: 200 })

function countsOf(all: readonly number[]): LatencyCounts {
  const counts: Record<string, number> = {}
  for (const each of all) counts[bucketOf(each)] = (counts[bucketOf(each)] ?? 0) + 1
  return counts
}

describe('a bucket', () => {
  it('takes what lies above the bound of the one before, up to its own', () => {
    expect([0, 0.4, 1, 1.0001, 1.2, 1.21, 1.44, 100].map(bucketOf)).toEqual([
      0, 0, 0, 1, 1, 2, 2, 26,
    ])
    for (let bucket = 0; bucket < LATENCY.buckets; bucket += 1) {
      expect(bucketOf(upperBoundMs(bucket))).toBe(bucket)
    }
  })

  it('exists for whatever a clock may come up with', () => {
    for (const odd of [-5, -0, Number.NaN]) expect(bucketOf(odd)).toBe(0)
    for (const odd of [1e9, Infinity]) expect(bucketOf(odd)).toBe(LATENCY.buckets - 1)
  })
})

describe('a quantile', () => {
  it('of nothing is nothing', () => {
    expect(quantile({}, 0.95)).toBeUndefined()
    expect(quantile({ 3: 0 }, 0.95)).toBeUndefined()
  })

  it('is never below the true one and at most a fifth above it', () => {
    fc.assert(
      fc.property(
        latencies.filter((all) => all.length > 0),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (all, q) => {
          const sorted = all.toSorted((left, right) => left - right)
          const rank = Math.max(1, Math.ceil(all.length * q))
          const exact = Math.max(1, sorted[rank - 1] ?? 0)
          const found = quantile(countsOf(all), q) ?? 0
          expect(found).toBeGreaterThanOrEqual(exact * (1 - 1e-9))
          expect(found).toBeLessThanOrEqual(exact * LATENCY.growth * (1 + 1e-9))
        },
      ),
    )
  })
})

it('counts of two sources add up to the counts of both', () => {
  fc.assert(
    fc.property(latencies, latencies, (left, right) => {
      const sum = add(countsOf(left), countsOf(right))
      expect(sum).toEqual(countsOf([...left, ...right]))
      expect(countOf(sum)).toBe(left.length + right.length)
    }),
  )
})
