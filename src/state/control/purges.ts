import type { PurgeTarget } from '../../schema/cache-purge.ts'
import type { Actor, Deed } from '../../schema/deed.ts'
import { type Purge, type Purged, purge } from '../purge/purge.ts'
import { nameOfTarget } from '../purge/rows.ts'
import { type ControlStep, stepLog } from './log-step.ts'
import type { ControlState } from './state.ts'

/** What somebody purges, who, and why. */
export interface PurgeAsked extends Purge {
  readonly actor: Actor
  readonly reason: string
  /** Whether it was told to go past what protects from a purge of everything. */
  readonly override: boolean
}

/** What became of it. */
export type PurgeTold =
  | {
      readonly outcome: 'purged'
      readonly serial: number
      /** How many rows there are now. */
      readonly rows: number
      readonly widened: number
      readonly into: readonly PurgeTarget[]
    }
  /** There is no configuration that anything could be published with. */
  | { readonly outcome: 'no-configuration' }

/** Most wider targets that are told of. */
const MOST_TOLD = 20

/** The subject of a deed has at most so many characters. */
const SUBJECT_LENGTH = 128

/** A purge is another snapshot under the same revision. */
export function purgeCache(state: ControlState, asked: PurgeAsked, nowMs: number): ControlStep {
  if (state.log.current === 0) {
    return [state, [{ type: 'purged', purged: { outcome: 'no-configuration' } }]]
  }
  const made = purge(state.purges, asked, nowMs)
  const { purges, serial, widened } = made
  const into = made.into.slice(0, MOST_TOLD)
  const [next, effects] = stepLog({ ...state, purges }, { type: 'moved' }, nowMs)
  const told = { outcome: 'purged', serial, rows: purges.rows.length, widened, into } as const
  const deed = toDeed(asked, { ...made, into })
  return [
    next,
    [{ type: 'purged', purged: told }, { type: 'audit', deed, atMs: nowMs }, ...effects],
  ]
}

function toDeed(
  { targets, kind, actor, reason, override }: PurgeAsked,
  { serial, widened, into }: Purged,
): Deed {
  const [only] = targets.length === 1 ? targets : []
  const more = { ...(widened > 0 && { widened, into }), ...(override && { override }) }
  return {
    action: 'cache.purge',
    target: only === undefined ? 'cache' : nameOfTarget(only).slice(0, SUBJECT_LENGTH),
    actor,
    reason,
    after: { serial, kind, targets, ...more },
  }
}
