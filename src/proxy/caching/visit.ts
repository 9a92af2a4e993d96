import type { CachedRoute } from '../../cache/cached-route.ts'
import type { RouteCounts } from '../../cache/counts.ts'
import type { Engine } from '../../cache/engine.ts'
import type { Arrived, Looked } from '../../cache/policy/key.ts'
import type { FoundRoute } from '../../core/decide.ts'
import type { RequestFacts } from '../../schema/facts.ts'
import type { Result } from '../pass.ts'
import type { Passage } from '../passage.ts'
import type { Giver } from './giver.ts'

/** The way of a request from here on as without a cache: affinity, the decision, and what it says. */
export type Onward = (
  passage: Passage,
  facts: RequestFacts,
  found: FoundRoute,
) => Result | Promise<Result>

/** A request that may be answered from the cache. One object, handed on as it is. */
export interface Visit {
  readonly passage: Passage
  readonly facts: RequestFacts
  readonly found: FoundRoute
  readonly cached: CachedRoute
  readonly engine: Engine
  readonly counts: RouteCounts
  readonly arrived: Arrived
  readonly asked: Looked
  readonly onward: Onward
  readonly giver: Giver
  /** A client has a stale answer already, and only what is fresh is of use. */
  readonly isRenewal?: boolean
}

/** A request that the cache has no part in. */
export type PassingVisit = Omit<Visit, 'asked'>
