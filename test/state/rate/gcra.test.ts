import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Quota } from '../../../src/schema/limit.ts'
import {
  type Bucket,
  emptyAtMs,
  emptyBucket,
  leak,
  leftOf,
  leftOfAll,
  moreInMsOf,
  pour,
  waitMsOf,
} from '../../../src/state/rate/gcra.ts'

const START_MS = 1_800_000_000_000

/** Counts as the edge does: what is refused takes nothing. */
function admit(bucket: Bucket, quotas: readonly Quota[], nowMs: number): [Bucket, boolean] {
  const now = leak(bucket, quotas, nowMs)
  return waitMsOf(now, quotas) > 0 ? [now, false] : [pour(now, quotas, 1), true]
}

/** Which of these times were let in. */
function admitted(quotas: readonly Quota[], times: readonly number[]): number[] {
  let bucket = emptyBucket(quotas, times[0] ?? 0)
  return times.filter((atMs) => {
    const [next, isAdmitted] = admit(bucket, quotas, atMs)
    bucket = next
    return isAdmitted
  })
}

/** The other way to limit, which remembers every time: never more than `requests` in any `perMs`. */
function admittedBySlidingWindow({ requests, perMs }: Quota, times: readonly number[]): number[] {
  const taken: number[] = []
  for (const atMs of times) {
    if (taken.filter((each) => each > atMs - perMs).length < requests) taken.push(atMs)
  }
  return taken
}

const quota = fc
  .record({
    requests: fc.integer({ min: 1, max: 50 }),
    perMs: fc.constantFrom(1000, 7000, 60_000),
    burst: fc.integer({ min: 1, max: 60 }),
  })
  .map((each): Quota => each)
const gaps = fc.array(
  fc.oneof(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 9000 })),
  {
    minLength: 1,
    maxLength: 200,
  },
)

function toTimes(between: readonly number[]): number[] {
  let atMs = START_MS
  return between.map((gap) => (atMs += gap))
}

describe('a quota', () => {
  test.each([
    { each: { requests: 10, perMs: 60_000, burst: 10 }, within: 19, withEnd: 20 },
    { each: { requests: 10, perMs: 60_000, burst: 1 }, within: 10, withEnd: 11 },
    { each: { requests: 5, perMs: 60_000, burst: 5 }, within: 9, withEnd: 10 },
  ])('lets in its burst and its requests in the first window: $each', (row) => {
    const tries = Array.from({ length: 6001 }, (_, at) => START_MS + at * 10)
    const times = admitted([row.each], tries)
    // Sixty seconds without their last moment, and with it.
    expect(times.filter((atMs) => atMs < START_MS + 60_000).length).toBe(row.within)
    expect(times.length).toBe(row.withEnd)
  })

  test('never lets in more than its burst and what its rate gives, in any span of time', () => {
    fc.assert(
      fc.property(quota, gaps, (one, between) => {
        const taken = admitted([one], toTimes(between))
        for (const [first, from] of taken.entries()) {
          for (const [last, to] of taken.entries()) {
            if (last < first) continue
            const most = one.burst + ((to - from) * one.requests) / one.perMs
            expect(last - first + 1).toBeLessThanOrEqual(most)
          }
        }
      }),
      { numRuns: 60 },
    )
  })

  test('refuses nobody who stays below it in every window of its length', () => {
    fc.assert(
      fc.property(quota, gaps, (one, between) => {
        const fair = { ...one, burst: one.requests }
        const times = admittedBySlidingWindow(fair, toTimes(between))
        expect(admitted([fair], times)).toEqual(times)
      }),
      { numRuns: 60 },
    )
  })

  test('lets in at the very moment that it names, and not a millisecond before', () => {
    fc.assert(
      fc.property(quota, fc.integer({ min: 0, max: 1_000_000 }), (one, past) => {
        const quotas = [one]
        const full = pour(
          leak(emptyBucket(quotas, START_MS), quotas, START_MS + past),
          quotas,
          one.burst,
        )
        const waitMs = waitMsOf(full, quotas)
        expect(waitMs).toBeGreaterThan(0)
        expect(waitMs).toBe(moreInMsOf(full.levels[0] ?? 0, one))
        expect(waitMsOf(leak(full, quotas, full.atMs + waitMs - 1), quotas)).toBeGreaterThan(0)
        expect(waitMsOf(leak(full, quotas, full.atMs + waitMs), quotas)).toBe(0)
      }),
    )
  })

  test('counts exactly for as long as it may run', () => {
    const quotas = [{ requests: 3, perMs: 1000, burst: 3 }]
    // A request whenever there is one to have, for a day: 1000 / 3 is no whole number of milliseconds.
    let bucket = emptyBucket(quotas, START_MS)
    let count = 0
    for (let atMs = START_MS; atMs < START_MS + 86_400_000;) {
      const [next, isAdmitted] = admit(bucket, quotas, atMs)
      bucket = next
      if (isAdmitted) count += 1
      atMs += Math.max(1, waitMsOf(bucket, quotas))
    }
    expect(count).toBe(3 + 3 * 86_400 - 1)
  })

  test('says how many are left, and none when more was taken than it had', () => {
    const one = { requests: 10, perMs: 1000, burst: 10 }
    const over = pour(emptyBucket([one], START_MS), [one], 12)
    expect(leftOf(over.levels[0] ?? 0, one)).toBe(0)
    expect(waitMsOf(over, [one])).toBe(300)
    expect(leftOf(leak(over, [one], START_MS + 300).levels[0] ?? 0, one)).toBe(1)
    expect(emptyAtMs(over, [one])).toBe(START_MS + 1200)
  })
})

describe('several quotas', () => {
  const quotas = [
    { requests: 5, perMs: 1000, burst: 5 },
    { requests: 20, perMs: 60_000, burst: 20 },
  ]

  test('hold together, and what one refuses takes nothing of the others', () => {
    const times = Array.from({ length: 600 }, (_, at) => START_MS + at * 10)
    const taken = admitted(quotas, times)
    // Five at once and five a second, until the minute has given its twenty and what came back meanwhile.
    expect(taken.filter((atMs) => atMs < START_MS + 1000).length).toBe(9)
    expect(taken.length).toBe(21)
  })

  test('have left what the tightest of them has', () => {
    expect(leftOfAll(pour(emptyBucket(quotas, START_MS), quotas, 2), quotas)).toBe(3)
    expect(leftOfAll(pour(emptyBucket(quotas, START_MS), quotas, 19), quotas)).toBe(0)
  })
})

describe('when the clock jumps', () => {
  const quotas = [{ requests: 10, perMs: 1000, burst: 10 }]
  const full = pour(emptyBucket(quotas, START_MS), quotas, 10)

  test('back, nobody waits for the time to come again', () => {
    const back = leak(full, quotas, START_MS - 3_600_000)
    expect(waitMsOf(back, quotas)).toBe(100)
    expect(waitMsOf(leak(back, quotas, START_MS - 3_600_000 + 100), quotas)).toBe(0)
  })

  test('forward, no more than a burst is given away', () => {
    const later = leak(full, quotas, START_MS + 1e12)
    expect(leftOfAll(later, quotas)).toBe(10)
  })
})

test('what is given back is there again, and never more than there was', () => {
  const quotas = [{ requests: 10, perMs: 1000, burst: 10 }]
  const three = pour(emptyBucket(quotas, START_MS), quotas, 3)
  expect(leftOfAll(pour(three, quotas, -2), quotas)).toBe(9)
  expect(leftOfAll(pour(three, quotas, -20), quotas)).toBe(10)
})
