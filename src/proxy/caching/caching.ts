import type { Decision } from '../../core/decision.ts'
import type { RequestFacts } from '../../schema/facts.ts'
import type { Result } from '../pass.ts'
import type { Passage } from '../passage.ts'

/** What the cache of a route wants of a request on its way to the origins. */
export interface Caching {
  /** Whether its answer may be kept: it is read here, and goes on when the client leaves. */
  readonly isKept: boolean
  /** Makes the request that the origins get what the key says. */
  toOrigin(this: void, headers: Headers): void
  /** Adds what the cache says of itself to an answer that is passed on. */
  mark(this: void, headers: Headers, status: number): void
  /** Does what was decided; absent where that is done as without a cache. */
  readonly carryOut?: CarryOut
}

type CarryOut = (
  passage: Passage,
  facts: RequestFacts,
  decision: Decision,
) => Result | Promise<Result>
