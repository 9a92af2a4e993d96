import type { RefusalReason } from '../schema/reason.ts'
import { ExpiredError } from './within.ts'

/** Why an attempt brought no answer that can be passed on. */
export type Failure =
  | { readonly type: 'no-answer'; readonly detail: string }
  | { readonly type: 'timeout'; readonly timeoutMs: number }
  /** Nobody was asked, because all have been filled since the decision. */
  | { readonly type: 'full'; readonly route: string; readonly retryAfterMs: number }

/** What the runtime threw at a `fetch`, in words that a client may read: no address, no internals. */
export function toFailure(error: unknown): Failure {
  if (error instanceof ExpiredError) return { type: 'timeout', timeoutMs: error.limitMs }
  const message = error instanceof Error ? error.message : String(error)
  return message.startsWith('internal error')
    ? { type: 'no-answer', detail: 'its answer could not be read, or its name not resolved' }
    : { type: 'no-answer', detail: 'the connection failed' }
}

/** The refusal that follows when there is nothing left to try. */
export function toRefusal(failure: Failure, origin: string, attempts: number): RefusalReason {
  switch (failure.type) {
    case 'timeout':
      return { type: 'origin-timeout', origin, attempts, timeoutMs: failure.timeoutMs }
    case 'no-answer':
      return { type: 'origin-failed', origin, attempts, detail: failure.detail }
    case 'full':
      return { ...failure, type: 'overloaded' }
  }
}
