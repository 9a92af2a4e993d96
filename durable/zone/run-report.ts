import type { ZoneState } from '../../src/state/dns/state.ts'
import type { RunReport } from '../zone-methods.ts'

/** What the runs between two states of a zone came to. */
export function toRunReport(before: ZoneState, after: ZoneState, now: 'busy' | 'idle'): RunReport {
  const records = Object.entries(after.records)
  const changes = records.flatMap(([id, { lastChange }]) =>
    lastChange === null || lastChange.atMs === before.records[id]?.lastChange?.atMs
      ? []
      : lastChange.changes,
  )
  const held = records.flatMap(([, record]) => record.held ?? [])
  const { pause } = after
  if (now === 'busy') return { outcome: 'under-way', changes, held }
  if (pause === null) return { outcome: 'done', changes, held }
  return { outcome: 'failed', changes, held, failure: pause.failure }
}
