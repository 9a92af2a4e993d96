import type { RecordSet } from '../../schema/dns-record-set.ts'
import { nextTurnMs } from '../prober/phase.ts'
import type { ZoneEffect } from './event.ts'
import { isComparable } from './made.ts'
import type { ZoneStep } from './run.ts'
import { type Moving, type RecordState, ZONE, type ZoneState } from './state.ts'

/** Asks for the answers that are due to be looked at: after a change soon and often, otherwise now and then. */
export function beginChecks(state: ZoneState, nowMs: number): ZoneStep {
  const { zone, terms } = state
  if (zone === null || terms.checkMs === null) return [state, []]
  const moving = movingDue(state, nowMs)
  const { ids, upToMs } = regularDue(state, { nowMs, checkMs: terms.checkMs })
  if (moving.length === 0 && upToMs === state.last.checkedAtMs) return [state, []]
  const records = { ...state.records }
  const effects: ZoneEffect[] = []
  for (const [id, record, after] of moving) {
    // The last check was lost, and there is no time for another.
    if (nowMs - after.sinceMs >= after.limitMs + ZONE.longestCheckMs) {
      records[id] = { ...record, moving: { ...after, verdict: 'unseen', askedAtMs: null } }
      continue
    }
    records[id] = { ...record, moving: { ...after, checks: after.checks + 1, askedAtMs: nowMs } }
    effects.push({ type: 'check', zone, record: id, ...askOf(record, after.expected), atMs: nowMs })
  }
  for (const id of ids) {
    const record = records[id]
    if (record === undefined) continue
    effects.push({
      type: 'check',
      zone,
      record: id,
      ...askOf(record, record.wanted.sets),
      atMs: nowMs,
    })
  }
  return [{ ...state, records, last: { ...state.last, checkedAtMs: upToMs } }, effects]
}

/** When the next look at a change is due. While as many are under way as may be, that is when one of them is lost. */
export function nextCheckAtMs({ records, terms }: ZoneState): number | undefined {
  if (terms.checkMs === null) return undefined
  const moving = Object.values(records).flatMap((record) => movingIn(record) ?? [])
  const underWay = moving.filter(({ askedAtMs }) => askedAtMs !== null)
  const times = (underWay.length >= ZONE.checksAtOnce ? underWay : moving).map(dueAtMs)
  return times.length === 0 ? undefined : Math.min(...times)
}

function movingIn({ moving }: RecordState): Moving | undefined {
  return moving?.verdict === 'moving' ? moving : undefined
}

function askOf({ wanted }: RecordState, expected: readonly RecordSet[]) {
  return { key: wanted.key, expected }
}

/** Looks at changes that are due, those first that have waited for longest, and few at the same time. */
function movingDue(
  { records }: ZoneState,
  nowMs: number,
): readonly (readonly [string, RecordState, Moving])[] {
  const all = Object.entries(records).flatMap(([id, record]) => {
    const moving = movingIn(record)
    return moving === undefined ? [] : [[id, record, moving] as const]
  })
  const due = all.filter(([, , moving]) => dueAtMs(moving) <= nowMs)
  const underWay = all.filter(
    ([, , moving]) => moving.askedAtMs !== null && dueAtMs(moving) > nowMs,
  )
  return due
    .toSorted(([, , left], [, , right]) => dueAtMs(left) - dueAtMs(right))
    .slice(0, Math.max(0, ZONE.checksAtOnce - underWay.length))
}

function dueAtMs({ askedAtMs, dueAtMs: nextMs }: Moving): number {
  return askedAtMs === null ? nextMs : askedAtMs + ZONE.checkLeaseMs
}

/** One look in each interval, at the same moment of it. */
const EACH = { region: 0, regions: 1, jitter: 0 } as const

interface Regular {
  readonly nowMs: number
  readonly checkMs: number
}

/**
 * Each record has its own moment in the interval, told by its id: so nothing has to be stored for each, and not all
 * are asked about at once. What finds no place now has it next time.
 */
function regularDue(
  { last, terms, records }: ZoneState,
  { nowMs, checkMs }: Regular,
): { readonly ids: readonly string[]; readonly upToMs: number } {
  const fromMs = Math.max(last.checkedAtMs ?? nowMs, nowMs - checkMs)
  const due = Object.keys(terms.records)
    .map((id) => ({ id, atMs: nextTurnMs({ ...EACH, key: id, intervalMs: checkMs }, fromMs) }))
    .filter(({ id, atMs }) => atMs <= nowMs && isRegular(records[id]))
    .toSorted((left, right) => left.atMs - right.atMs)
  const taken = due.slice(0, ZONE.checksAtOnce)
  const upToMs = due.length > taken.length ? (taken.at(-1)?.atMs ?? nowMs) : nowMs
  // A row for each step that finds nothing due would be one for each step.
  const isWorthIt = taken.length > 0 || last.checkedAtMs === null || nowMs - fromMs >= checkMs
  return { ids: taken.map(({ id }) => id), upToMs: isWorthIt ? upToMs : fromMs }
}

function isRegular(record: RecordState | undefined): boolean {
  return (
    record !== undefined && record.moving?.verdict !== 'moving' && isComparable(record.wanted.sets)
  )
}
