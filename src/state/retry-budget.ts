import type { Retry } from '../schema/route.ts'

/** The span that a budget looks back over, in whole seconds. */
const SECONDS = 10

/** How many retries a route may make: a share of its requests, and always a few. */
export type RetryBudgetLimits = Pick<Retry, 'budget' | 'minRetriesPerSecond'>

/** What a budget remembers: requests and retries of each of the last seconds, the current one first. */
export interface RetryBudget {
  readonly second: number
  readonly requests: readonly number[]
  readonly retries: readonly number[]
}

const NONE: readonly number[] = Array.from({ length: SECONDS }, () => 0)

/** Nothing counted yet. */
export const initialRetryBudget: RetryBudget = { second: 0, requests: NONE, retries: NONE }

/** The budget after one more request; retries are not requests. */
export function countRequest(state: RetryBudget, nowMs: number): RetryBudget {
  const { second, requests, retries } = moveTo(state, nowMs)
  return { second, requests: increment(requests), retries }
}

/**
 * The budget after one more retry, or `undefined` when there is none left: retries stay at or below
 * `budget` x requests + `minRetriesPerSecond` x 10 over any ten seconds.
 */
export function spendRetry(
  state: RetryBudget,
  limits: RetryBudgetLimits,
  nowMs: number,
): RetryBudget | undefined {
  const { second, requests, retries } = moveTo(state, nowMs)
  const allowed = limits.budget * sum(requests) + limits.minRetriesPerSecond * SECONDS
  if (sum(retries) + 1 > allowed) return undefined
  return { second, requests, retries: increment(retries) }
}

function moveTo(state: RetryBudget, nowMs: number): RetryBudget {
  const second = Math.floor(nowMs / 1000)
  const passed = second - state.second
  // A clock that jumps back must not give a fresh budget: the counts stay where they are until it catches up,
  // unless it jumped so far that they would stay for ever.
  if (passed <= 0 && passed > -SECONDS) return state
  if (passed < 0 || passed >= SECONDS) return { ...initialRetryBudget, second }
  return { second, requests: shift(state.requests, passed), retries: shift(state.retries, passed) }
}

function shift(counts: readonly number[], by: number): readonly number[] {
  return [...NONE.slice(0, by), ...counts.slice(0, SECONDS - by)]
}

function increment(counts: readonly number[]): readonly number[] {
  return counts.with(0, (counts[0] ?? 0) + 1)
}

function sum(counts: readonly number[]): number {
  let total = 0
  for (const each of counts) total += each
  return total
}
