import { freezeDeed, type Freezing, withNews } from './news.ts'
import { ask } from './run.ts'
import { ZONE, type ZoneState } from './state.ts'

/**
 * Holds a record as it stands, or lets it go. A freeze outlives that the record leaves the configuration and comes
 * back: to roll back a configuration must not undo what an operator has stopped.
 */
export function freeze(state: ZoneState, freezing: Freezing, nowMs: number): ZoneState {
  const { record, frozen, reason, by } = freezing
  const known = state.frozen[record]
  if (frozen ? known?.reason === reason : known === undefined) return state
  const { [record]: _, ...rest } = state.frozen
  const freezes = frozen ? { ...rest, [record]: { reason, by, atMs: nowMs } } : rest
  const told = withNews(
    { ...state, frozen: newest(freezes) },
    [{ deed: freezeDeed(freezing) }],
    nowMs,
  )
  return ask(told, 'due', nowMs)
}

function newest(freezes: ZoneState['frozen']): ZoneState['frozen'] {
  const entries = Object.entries(freezes)
  if (entries.length <= ZONE.freezes) return freezes
  const kept = entries.toSorted(([, left], [, right]) => right.atMs - left.atMs)
  return Object.fromEntries(kept.slice(0, ZONE.freezes))
}
