import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addRequests,
  countRequest,
  initialRetryBudget,
  isSameSecond,
  type RetryBudget,
  spendRetry,
} from '../../src/state/retry-budget.ts'

const START = 1_800_000_000_000

function requests(count: number, nowMs = START, from = initialRetryBudget): RetryBudget {
  return Array.from({ length: count }).reduce<RetryBudget>(
    (state) => countRequest(state, nowMs),
    from,
  )
}

/** How many retries are left at a moment, and the state once they are spent. */
function spendAll(
  from: RetryBudget,
  limits: { readonly budget: number; readonly minRetriesPerSecond: number },
  nowMs = START,
): { readonly spent: number; readonly state: RetryBudget } {
  let state = from
  for (let spent = 0; ; spent += 1) {
    const next = spendRetry(state, limits, nowMs)
    if (next === undefined) return { spent, state }
    state = next
  }
}

describe('a retry budget', () => {
  it('is a share of the requests of the last ten seconds', () => {
    const limits = { budget: 0.2, minRetriesPerSecond: 0 }
    expect(spendAll(requests(100), limits).spent).toBe(20)
    expect(spendAll(requests(4), limits).spent).toBe(0)
  })

  it('always allows a few', () => {
    expect(spendAll(initialRetryBudget, { budget: 0.2, minRetriesPerSecond: 3 }).spent).toBe(30)
    expect(spendAll(requests(100), { budget: 0.2, minRetriesPerSecond: 3 }).spent).toBe(50)
  })

  it('can be nothing at all', () => {
    expect(spendAll(requests(1000), { budget: 0, minRetriesPerSecond: 0 }).spent).toBe(0)
  })

  it('comes back when ten seconds are over, and not before', () => {
    const limits = { budget: 1, minRetriesPerSecond: 0 }
    const { state } = spendAll(requests(10), limits)
    expect(spendAll(state, limits, START + 9999).spent).toBe(0)
    expect(spendAll(requests(10, START + 10_000, state), limits, START + 10_000).spent).toBe(10)
  })

  it('is not renewed by a clock that jumps back a little', () => {
    const limits = { budget: 0, minRetriesPerSecond: 1 }
    const { state } = spendAll(initialRetryBudget, limits)
    expect(spendAll(state, limits, START - 5000).spent).toBe(0)
  })
})

it('holds whatever the order of requests and retries and whatever the clock does', () => {
  const step = fc.record({
    isRetry: fc.boolean(),
    byMs: fc.oneof(
      { weight: 9, arbitrary: fc.integer({ min: 0, max: 3000 }) },
      { weight: 1, arbitrary: fc.integer({ min: -60_000, max: 60_000 }) },
    ),
  })
  const limits = fc.record({
    budget: fc.double({ min: 0, max: 1, noNaN: true }),
    minRetriesPerSecond: fc.integer({ min: 0, max: 5 }),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), limits, (steps, given) => {
      let state = initialRetryBudget
      let nowMs = START
      for (const { isRetry, byMs } of steps) {
        nowMs += byMs
        const spent = isRetry ? spendRetry(state, given, nowMs) : undefined
        state = spent ?? countRequest(state, nowMs)
        const allowed = given.budget * sum(state.requests) + given.minRetriesPerSecond * 10
        expect(spent === undefined || sum(state.retries) <= allowed).toBe(true)
        expect(state.requests).toHaveLength(10)
        expect(state.retries).toHaveLength(10)
      }
    }),
  )
})

it('is the same whether the requests of a second are counted one by one or added later', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -3000, max: 3000 }), { maxLength: 200 }), (steps) => {
      let [oneByOne, batched, waiting, nowMs] = [initialRetryBudget, initialRetryBudget, 0, START]
      for (const byMs of steps) {
        nowMs += Math.round(byMs / 10)
        oneByOne = countRequest(oneByOne, nowMs)
        if (isSameSecond(batched, nowMs)) waiting += 1
        else {
          batched = countRequest(addRequests(batched, waiting), nowMs)
          waiting = 0
        }
        expect(addRequests(batched, waiting)).toEqual(oneByOne)
      }
    }),
  )
})

function sum(counts: readonly number[]): number {
  return counts.reduce((total, each) => total + each, 0)
}
