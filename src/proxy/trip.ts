import type { SteerDecision } from '../core/decision.ts'
import type { CompiledOrigin } from '../core/snapshot.ts'
import type { Failure } from './failure.ts'
import type { Hold } from './hold.ts'
import type { Outgoing } from './outgoing.ts'
import type { Passage } from './passage.ts'
import type { SendOptions } from './send.ts'

/** One request on its way to the origins of its decision. */
export interface Trip {
  readonly passage: Passage
  readonly decision: SteerDecision
  readonly outgoing: Outgoing
  readonly options: SendOptions | undefined
}

/** How one attempt ended, or a whole trip: with its last attempt. */
export type Outcome = Answered | Failed

/** An origin has answered, with whatever. */
export interface Answered {
  readonly type: 'answer'
  readonly origin: CompiledOrigin
  readonly response: Response
  /** Where the request is counted until the end of the answer: whoever lets go of the answer must close it. */
  readonly hold: Hold | undefined
  readonly status: number
  /** Until the headers. */
  readonly latencyMs: number
  readonly attempts: number
}

interface Failed {
  readonly type: 'failed'
  readonly origin: CompiledOrigin
  readonly failure: Failure
  readonly attempts: number
}
