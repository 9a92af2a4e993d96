import type { ProbeAnswer } from '../../src/state/probe-expectation.ts'

/** What a probe saw, before it is judged. */
export type Sight =
  | ({ readonly type: 'answer' } & ProbeAnswer)
  /** A connection, which is all that was asked for. */
  | { readonly type: 'open' }
  | {
      readonly type: 'nothing'
      /** Why, in words. */
      readonly detail: string
      /** Whether the address took a connection: its network can be reached, whatever happened then. */
      readonly isReached: boolean
    }

/** What of an answer is wanted besides its status. */
export interface Wish {
  readonly body: boolean
}

/** Nothing was there. */
export function nothing(detail: string): Sight {
  return { type: 'nothing', detail, isReached: false }
}

/** A connection was there, and no answer that could be read. */
export function unread(detail: string): Sight {
  return { type: 'nothing', detail, isReached: true }
}
