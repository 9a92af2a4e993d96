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
  return addRequests(moveTo(state, nowMs), 1)
}

/** Whether a request now changes nothing but a count, and may be added later, with others. */
export function isSameSecond({ second }: RetryBudget, nowMs: number): boolean {
  return Math.floor(nowMs / 1000) === second
}

/** The budget after so many more requests of the second in which it stands. */
export function addRequests(
  { second, requests, retries }: RetryBudget,
  count: number,
): RetryBudget {
  return { second, requests: add(requests, count), retries }
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
  return { second, requests, retries: add(retries, 1) }
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

function add(counts: readonly number[], count: number): readonly number[] {
  return count === 0 ? counts : counts.with(0, (counts[0] ?? 0) + count)
}

function sum(counts: readonly number[]): number {
  let total = 0
  for (const each of counts) total += each
  return total
}
