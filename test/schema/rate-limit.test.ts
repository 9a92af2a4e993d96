import { describe, expect, test } from 'vitest'
import { compileLimits } from '../../src/core/compile-limits.ts'
import { RateLimit, Window } from '../../src/schema/limit.ts'
import { Route } from '../../src/schema/route.ts'

describe('a window', () => {
  test.each([
    ['100/1s', 100, 1000],
    ['5/1m', 5, 60_000],
    ['1000/2h', 1000, 7_200_000],
    ['10000000/1d', 10_000_000, 86_400_000],
  ])('%s', (text, requests, perMs) => {
    expect(Window.parse(text)).toEqual({ requests, perMs })
  })

  test.each([
    ['0/1s', 'a window is a number of requests and a time: "100/1s", "5/1m", "1000/1h"'],
    ['100', 'a window is a number of requests and a time: "100/1s", "5/1m", "1000/1h"'],
    ['100/500ms', 'a window is a number of requests and a time: "100/1s", "5/1m", "1000/1h"'],
    ['100/2d', 'the time of a window lies between 1s and 1d'],
    ['100/0s', 'the time of a window lies between 1s and 1d'],
    ['10000001/1s', 'a window has at most 10000000 requests'],
  ])('is not %s', (text, message) => {
    expect(Window.safeParse(text).error?.issues.map((issue) => issue.message)).toEqual([message])
  })
})

function limitsOf(limit: object) {
  return compileLimits('shop', Route.parse({ respond: {}, rateLimits: { each: limit } }))
}

describe('a rate limit', () => {
  test.each([
    [{ windows: ['5/1m', '10/60s'] }, 'each window has a time of its own'],
    [
      { windows: ['5/1m'], mode: 'platform' },
      'the mode "platform" needs the "binding" of wrangler.toml that counts',
    ],
    [{ windows: ['5/1m'], binding: 'CLIENTS' }, '"binding" is for the mode "platform" alone'],
    [
      { windows: ['5/1h'], mode: 'platform', binding: 'CLIENTS' },
      'the platform counts in one window, of 10s or of 1m',
    ],
    [
      { windows: ['5/1m'], mode: 'platform', binding: 'CLIENTS', burst: 2 },
      'the platform knows no burst',
    ],
    [
      { windows: ['5/1m'], mode: 'platform', binding: 'AUTH_FAILURES' },
      'this binding is of the router itself',
    ],
    [
      { windows: ['5/1m'], mode: 'platform', binding: 'LIMITER' },
      'this binding is of the router itself',
    ],
  ])('is not %j', (limit, message) => {
    const { error } = RateLimit.safeParse(limit)
    expect(error?.issues.map((issue) => issue.message)).toEqual([message])
  })

  test('lets as many come at once as its shortest window has, or its burst', () => {
    const windows = ['100/1h', '10/1s']
    expect(limitsOf({ windows })[0]?.quotas.map(({ burst }) => burst)).toEqual([100, 10])
    expect(limitsOf({ windows, burst: 40 })[0]?.quotas.map(({ burst }) => burst)).toEqual([100, 40])
  })

  test('begins anew when its numbers change, and only then', () => {
    const [one, same, other] = [
      limitsOf({ windows: ['5/1m'] }),
      limitsOf({ windows: ['5/60s'], announce: true }),
      limitsOf({ windows: ['6/1m'] }),
    ]
    expect(one[0]?.salt).toBe(same[0]?.salt)
    expect(one[0]?.salt).not.toBe(other[0]?.salt)
  })
})
