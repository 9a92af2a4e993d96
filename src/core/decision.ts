import type { ExclusionReason, RefusalReason } from '../schema/reason.ts'
import type { Redirect } from '../schema/route.ts'
import type { Group } from './order/order.ts'
import type { CompiledOrigin, CompiledRoute } from './snapshot.ts'

/**
 * How far a decision had to go to find an origin: `none` passed over every excluded one; `last-resort`
 * took ejected or not yet admitted ones, since no other may serve; `reserve` and `fail-open` follow the
 * panic rule: first whoever is well, though draining or in a pool below its minimum, and only then the
 * unhealthy; `fallback` went to the fallback pool.
 */
export type Tolerance = 'none' | 'last-resort' | 'reserve' | 'fail-open' | 'fallback'

/** A turn that a round-robin group gave: the data plane moves its credits (`takeTurn`). */
export interface Turn {
  readonly group: Group
  readonly eligible: readonly number[]
  readonly chosen: number
}

/** What affinity says of a request, and what it wants of its answer. */
export interface AffinityDecision {
  /** Where the client belongs, when it may stay: the first attempt. */
  readonly kept: CompiledOrigin | undefined
  /** Where it belonged and may not stay now. */
  readonly left: { readonly origin: string; readonly why: ExclusionReason } | undefined
  /** Whether the client is bound to whichever origin answers, unless that is where it belongs. */
  readonly binds: boolean
}

/** Send it on: to the first origin, and to the next ones when that fails. */
export interface SteerDecision {
  readonly type: 'steer'
  readonly route: CompiledRoute
  /** Which of the route's matches it was. */
  readonly match: number
  /** Never empty, at most `retry.attempts` long, no origin twice. */
  readonly attempts: readonly CompiledOrigin[]
  readonly tolerance: Tolerance
  readonly mirror: CompiledOrigin | undefined
  /** Absent on a route without affinity. */
  readonly affinity?: AffinityDecision
  /**
   * Whom the request would go to if every share were whole and the client free. Absent unless a share moves among
   * the pools of a route with affinity.
   */
  readonly natural?: CompiledOrigin
  readonly turns: readonly Turn[]
}

/** What is to happen to a request. Effects are described, never done. */
export type Decision =
  | SteerDecision
  | {
      readonly type: 'respond'
      readonly route: CompiledRoute
      readonly respond: NonNullable<CompiledRoute['route']['respond']>
    }
  | {
      readonly type: 'redirect'
      readonly route: CompiledRoute
      readonly redirect: Redirect
    }
  | { readonly type: 'refuse'; readonly reason: RefusalReason; readonly route?: CompiledRoute }
