import type { Reconciliation } from '../../schema/dns-answer.ts'
import type { DnsChange, RecordKey } from '../../schema/dns-record-set.ts'
import type { Survey, ZoneEffect, ZoneEvent } from './event.ts'
import { keyOf } from './made.ts'
import { observe, observeWish, youngIntents } from './observe.ts'
import { pauseEndMs } from './pause.ts'
import { reconcile } from './reconcile.ts'
import { recordWell, zoneFailed, zoneWell } from './setback.ts'
import { withNews, type Word } from './news.ts'
import { type Intent, type RecordState, type Run, ZONE, type ZoneState } from './state.ts'

/** A state and what follows from it. */
export type ZoneStep = readonly [ZoneState, readonly ZoneEffect[]]

/** Notes that a run is asked for; asks that come before it begins are one, and as urgent as the most urgent. */
export function ask(state: ZoneState, cause: Run['cause'], nowMs: number): ZoneState {
  const { asked } = state
  if (asked !== null && URGENCY[asked.cause] >= URGENCY[cause]) return state
  return { ...state, asked: { cause, atMs: asked?.atMs ?? nowMs } }
}

const URGENCY: Readonly<Record<Run['cause'], number>> = {
  cron: 0,
  due: 1,
  change: 2,
  conflict: 3,
  operator: 4,
}

/** When the run that was asked for may begin; undefined while there is none, or one is under way. */
export function beginAtMs({ zone, run, asked, last, pause }: ZoneState): number | undefined {
  if (zone === null || run !== null || asked === null) return undefined
  if (URGENCY[asked.cause] >= URGENCY.conflict) return asked.atMs
  const spacedMs = last.begunAtMs === null ? 0 : last.begunAtMs + ZONE.spacingMs
  return Math.max(asked.atMs, spacedMs, pauseEndMs(pause))
}

/** Begins the run that is due. */
export function beginDue(state: ZoneState, nowMs: number): ZoneStep {
  const { zone, asked } = state
  const atMs = beginAtMs(state)
  if (zone === null || asked === null || atMs === undefined || atMs > nowMs) return [state, []]
  const { cause } = asked
  const serial = state.serial + 1
  const run: Run = { serial, phase: 'survey', cause, sinceMs: nowMs, leaseMs: ZONE.surveyMs }
  const last = { ...state.last, begunAtMs: nowMs }
  const next = { ...state, serial, begun: serial, run, asked: null, last }
  return [next, [{ type: 'survey', serial, zone, cause, also: alsoOf(state, nowMs) }]]
}

/**
 * Names and types at which something may have been written: by the next survey none may be a record's any more. Of a
 * record that left the configuration for as long as a write may land, since its provider may have left with it.
 */
function alsoOf({ records, terms }: ZoneState, nowMs: number): RecordKey[] {
  const keys = new Map<string, RecordKey>()
  for (const [id, record] of Object.entries(records)) {
    const isGone = !Object.hasOwn(terms.records, id)
    for (const { change } of isGone ? youngIntents(record, nowMs) : record.intents) {
      const set = change.after ?? change.before
      if (set !== undefined) keys.set(keyOf(change), { name: set.name, type: set.type })
    }
  }
  return [...keys.values()]
}

/** When a run of which nothing is heard is over. */
export function leaseEndMs({ run, begun }: ZoneState): number | undefined {
  if (run === null) return undefined
  const leases = run.phase === 'apply' && run.serial === begun ? ZONE.ownLeases : 1
  return run.sinceMs + leases * run.leaseMs
}

/** A run of which nothing was heard in its time is over, and nobody knows what it has done. */
export function lapse(state: ZoneState, nowMs: number): ZoneState {
  const { run } = state
  const endMs = leaseEndMs(state)
  if (run === null || endMs === undefined || endMs > nowMs) return state
  const what = run.phase === 'survey' ? 'reading what stands' : 'writing'
  const detail = `nothing was heard of ${what} for ${(endMs - run.sinceMs) / 1000} s`
  return zoneFailed({ ...state, run: null }, { kind: 'timed-out', detail }, nowMs)
}

/** The survey failed; what is wanted may be known all the same. */
export function failRun(
  state: ZoneState,
  { failure, wish }: Extract<ZoneEvent, { type: 'failed' }>,
  nowMs: number,
): ZoneState {
  const seen = wish === undefined ? state : observeWish(state, wish, nowMs)
  return zoneFailed({ ...seen, run: null }, failure, nowMs)
}

/** Nothing was read, since nothing is wanted that was not before. */
export function endUnmoved(state: ZoneState, generation: number, nowMs: number): ZoneState {
  return { ...state, run: null, last: { ...state.last, generation, seenAtMs: nowMs } }
}

/** Goes from what was found to what is to be done about it; what is begun is written down first. */
export function takeSurvey(
  state: ZoneState,
  run: Run,
  { survey, nowMs }: { readonly survey: Survey; readonly nowMs: number },
): ZoneStep {
  const seen = observe(state, survey, nowMs)
  const plan = planOf(seen, survey, nowMs)
  const planned = settleUnneeded(withHeld(seen, plan), plan, nowMs)
  const { changes } = plan
  if (changes.length === 0 || planned.zone === null) {
    return [zoneWell({ ...planned, run: null }, nowMs), []]
  }
  const { serial } = run
  const next: ZoneState = {
    ...planned,
    records: withIntents(planned.records, changes, { serial, atMs: nowMs }),
    run: { ...run, phase: 'apply', sinceMs: nowMs, leaseMs: survey.terms.applyMs },
  }
  return [next, [{ type: 'apply', serial, zone: planned.zone, changes }]]
}

/** What a run would do now. `state` has seen the survey. */
export function planOf(state: ZoneState, survey: Survey, nowMs: number): Reconciliation {
  const { terms, frozen, records } = state
  return reconcile(survey.wanted, survey.actual, { terms, frozen, histories: records, nowMs })
}

function withHeld(state: ZoneState, { held }: Reconciliation): ZoneState {
  const records = { ...state.records }
  for (const each of held) {
    const record = records[each.record]
    if (record !== undefined) records[each.record] = { ...record, held: each }
  }
  return { ...state, records }
}

/** Where nothing is to be changed any more nothing stands in the way. */
function settleUnneeded(state: ZoneState, { changes }: Reconciliation, nowMs: number): ZoneState {
  const busy = new Set(changes.map(({ record }) => record))
  const words: Word[] = []
  const records = { ...state.records }
  for (const [id, record] of Object.entries(state.records)) {
    if (record.pause === null || record.held !== null || busy.has(id)) continue
    const [well, more] = recordWell(record, { zone: state.zone, record: id, nowMs })
    records[id] = well
    words.push(...more)
  }
  return withNews({ ...state, records }, words, nowMs)
}

function withIntents(
  records: ZoneState['records'],
  changes: readonly DnsChange[],
  { serial, atMs }: Pick<Intent, 'serial' | 'atMs'>,
): ZoneState['records'] {
  const next: Record<string, RecordState> = { ...records }
  for (const [at, change] of changes.entries()) {
    const record = next[change.record]
    if (record === undefined) continue
    const older = record.intents.filter((intent) => intent.serial !== serial).slice(-ZONE.intents)
    const others = record.intents.filter((intent) => intent.serial === serial)
    const intents = [...older, ...others, { serial, at, atMs, change }]
    next[change.record] = { ...record, intents }
  }
  return next
}
