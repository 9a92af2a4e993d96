import type { ChangeResult, DnsChange, DnsFailure } from '../../schema/dns-record-set.ts'
import { held } from './guard.ts'
import { withChange, withMade } from './made.ts'
import { madeWords, type Word, withNews } from './news.ts'
import { isSameAnswers } from './record-set.ts'
import { ask } from './run.ts'
import { recordFailed, recordWell, zoneFailed, zoneWell } from './setback.ts'
import type { RecordState, Run, ZoneState } from './state.ts'

/** What became of the changes of a run, in their order. */
export interface Applied {
  readonly results: readonly ChangeResult[]
  readonly nowMs: number
}

/** Ends a run by what became of its changes. What nobody knows stays open until a survey tells. */
export function takeApplied(state: ZoneState, run: Run, { results, nowMs }: Applied): ZoneState {
  const records = { ...state.records }
  const words: Word[] = []
  const failures: DnsFailure[] = []
  for (const [id, record] of Object.entries(state.records)) {
    const outcomes = outcomesOf(record, run, results)
    if (outcomes.length === 0) continue
    const isChecked = state.terms.checkMs !== null
    const settled = settleRecord(record, outcomes, { nowMs, isChecked })
    const whose = { zone: state.zone, record: id, nowMs }
    const [judged, more] = judgeRecord(settled, outcomes, whose)
    records[id] = judged
    words.push(...madeWords(madeOf(outcomes), whose), ...more)
    failures.push(...failuresOf(outcomes))
  }
  const ended = withNews({ ...state, records, run: null }, words, nowMs)
  const [failure] = failures
  const next = failure === undefined ? zoneWell(ended, nowMs) : zoneFailed(ended, failure, nowMs)
  return hasFreshConflict(next, nowMs) ? ask(next, 'conflict', nowMs) : next
}

interface Outcome {
  readonly change: DnsChange
  readonly result: ChangeResult
}

const UNHEARD: ChangeResult = {
  outcome: 'unknown',
  failure: { kind: 'garbled', detail: 'there are fewer results than changes' },
}

function outcomesOf(
  { intents }: RecordState,
  { serial }: Run,
  results: readonly ChangeResult[],
): readonly Outcome[] {
  return intents
    .filter((intent) => intent.serial === serial)
    .map(({ at, change }) => ({ change, result: results[at] ?? UNHEARD }))
}

function madeOf(outcomes: readonly Outcome[]): DnsChange[] {
  return outcomes.flatMap(({ change, result }) => (result.outcome === 'done' ? [change] : []))
}

/** What concerns all records of the zone alike: anything but that this very change was declined. */
function failuresOf(outcomes: readonly Outcome[]): DnsFailure[] {
  return outcomes.flatMap(({ result }) => {
    if (result.outcome === 'unknown') return [result.failure]
    return result.outcome === 'failed' && result.failure.kind !== 'refused' ? [result.failure] : []
  })
}

function settleRecord(
  record: RecordState,
  outcomes: readonly Outcome[],
  context: { readonly nowMs: number; readonly isChecked: boolean },
): RecordState {
  const over = new Set(
    outcomes.filter(({ result }) => result.outcome !== 'unknown').map(({ change }) => change),
  )
  const intents = record.intents.filter(({ change }) => !over.has(change))
  const made = madeOf(outcomes)
  const actual = made.length === 0 ? record.actual : made.reduce(withChange, record.actual)
  const isSame = isSameAnswers(actual, record.wanted.sets)
  const otherSinceMs = isSame ? null : record.otherSinceMs
  return withMade({ ...record, intents, actual, otherSinceMs }, made, context)
}

type Whose = Parameters<typeof recordFailed>[2]

/** What it means for the next attempt at this very record. */
function judgeRecord(
  record: RecordState,
  outcomes: readonly Outcome[],
  whose: Whose & { readonly record: string },
): readonly [RecordState, readonly Word[]] {
  for (const { result } of outcomes) {
    const setback = setbackOf(result)
    if (setback === undefined) continue
    const [failed, words] = recordFailed(record, setback, whose)
    const { pause } = failed
    if (pause === null) return [failed, words]
    const guard = setback.isConflict ? 'conflict' : 'back-off'
    const untilMs = pause.sinceMs + pause.pauseMs
    const hold = held(whose.record, guard, pause.failure.detail, untilMs)
    return [{ ...failed, held: hold }, words]
  }
  const isDone = outcomes.every(({ result }) => result.outcome === 'done')
  return isDone ? recordWell(record, whose) : [record, []]
}

function setbackOf(result: ChangeResult) {
  if (result.outcome === 'conflict') {
    const detail = `somebody else writes there: ${result.detail}`
    return { failure: { kind: 'refused', detail } as const, isConflict: true }
  }
  if (result.outcome !== 'failed' || result.failure.kind !== 'refused') return undefined
  return { failure: result.failure, isConflict: false }
}

function hasFreshConflict({ records }: ZoneState, nowMs: number): boolean {
  return Object.values(records).some(
    ({ pause }) => pause?.isConflict === true && pause.failures === 1 && pause.sinceMs === nowMs,
  )
}
