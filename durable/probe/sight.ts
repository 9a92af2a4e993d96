import type { ProbeAnswer } from '../../src/state/prober/expectation.ts'

/** What a probe saw, before it is judged. */
export type Sight =
  | ({ readonly type: 'answer' } & ProbeAnswer)
  /** A connection, which is all that was asked for. */
  | { readonly type: 'open' }
  | Nothing

/** No answer that could be judged. */
export interface Nothing {
  readonly type: 'nothing'
  /** Why, in words. */
  readonly detail: string
  /**
   * No connection, no end in time, or a connection without an answer that could be read: then its network can be
   * reached, whatever happened.
   */
  readonly kind: 'unconnected' | 'late' | 'unread'
}

/** What of an answer is wanted besides its status. */
export interface Wish {
  readonly body: boolean
}

/** No answer, of a kind, for a reason. */
export function nothing(kind: Nothing['kind'], detail: string): Nothing {
  return { type: 'nothing', kind, detail }
}
