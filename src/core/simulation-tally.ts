import type { RefusalReason } from '../schema/reason.ts'
import type { Destination } from '../schema/simulation.ts'
import type { Decision, Tolerance } from './decision.ts'

/** What was decided for a traffic, in weights. */
export interface Tally {
  total: number
  /** By origin; of copies, too. */
  readonly origins: Map<string, number>
  readonly copies: Map<string, number>
  readonly pools: Map<string, number>
  readonly tolerances: Map<Tolerance, number>
  /** By the text of the reason. */
  readonly refusals: Map<string, { readonly reason: RefusalReason; readonly weight: number }>
}

/** Nothing decided yet. */
export function startTally(): Tally {
  return {
    total: 0,
    origins: new Map(),
    copies: new Map(),
    pools: new Map(),
    tolerances: new Map(),
    refusals: new Map(),
  }
}

/** Counts a decision, and says what became of the client. */
export function count(tally: Tally, decision: Decision, weight: number): Destination {
  tally.total += weight
  switch (decision.type) {
    case 'steer': {
      const { attempts, mirror, tolerance } = decision
      const [first] = attempts
      if (!first) return { type: 'refused' }
      raise(tally.origins, first.id, weight)
      raise(tally.pools, first.pool, weight)
      raise(tally.tolerances, tolerance, weight)
      if (mirror) raise(tally.copies, mirror.id, weight)
      return { type: 'pool', pool: first.pool }
    }
    case 'respond':
    case 'redirect':
      return { type: 'router' }
    case 'refuse': {
      const { reason } = decision
      const key = JSON.stringify(reason)
      const known = tally.refusals.get(key)?.weight ?? 0
      tally.refusals.set(key, { reason, weight: known + weight })
      return { type: 'refused' }
    }
  }
}

/** Adds to a sum of a map. */
export function raise<Key>(sums: Map<Key, number>, key: Key, weight: number): void {
  sums.set(key, (sums.get(key) ?? 0) + weight)
}
