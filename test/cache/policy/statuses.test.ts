import { describe, expect, it } from 'vitest'
import {
  hasDefaultTtl,
  isFailure,
  isHeuristicallyCacheable,
  isNegative,
  isStorable,
  isUnderstood,
} from '../../../src/cache/policy/statuses.ts'

const ALL = Array.from({ length: 500 }, (_, index) => index + 100)

describe('a status', () => {
  it('is a failure of the origin where RFC 5861 §4 says so, and nowhere else', () => {
    expect(ALL.filter(isFailure)).toEqual([500, 502, 503, 504])
  })

  it('may be stored unless it is not final, of a part, of a condition or of what RFC 6585 forbids', () => {
    const not = ALL.filter((status) => status >= 200 && !isStorable(status))
    expect(not).toEqual([206, 304, 412, 416, 428, 429, 431, 511])
    expect(ALL.filter((status) => status < 200).some(isStorable)).toBe(false)
  })

  it('has a lifetime by heuristics, by "default" or by "negative" where that is written', () => {
    const heuristic = [200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501]
    expect(ALL.filter(isHeuristicallyCacheable)).toEqual(heuristic)
    expect(ALL.filter(hasDefaultTtl)).toEqual([200, 203, 204, 300, 301, 308, 410])
    expect(ALL.filter(isNegative)).toEqual([404, 405, 410, 414, 421, 451, 501])
  })

  it('is understood where its rules of caching are known: not 206, 304 and what has no definition', () => {
    expect([200, 301, 404, 451, 503].every(isUnderstood)).toBe(true)
    expect([206, 226, 299, 304, 418, 499, 599].some(isUnderstood)).toBe(false)
  })
})
