import type { CheckResult } from '../../schema/dns-answer.ts'
import { tellApart } from './apart.ts'
import type { ZoneEvent } from './event.ts'
import { withNews, type Word } from './news.ts'
import { isSameAnswers } from './record-set.ts'
import { type Moving, type RecordState, ZONE, type ZoneState } from './state.ts'

/** Notes what was answered. What was asked before the record was changed again says nothing any more. */
export function takeChecked(
  state: ZoneState,
  event: Extract<ZoneEvent, { type: 'checked' }>,
  nowMs: number,
): ZoneState {
  const { record: id, expected, results } = event
  const record = state.records[id]
  if (record === undefined) return state
  const answers = isSameOutcome(record.answers?.results ?? [], results)
    ? record.answers
    : { atMs: nowMs, results: [...results] }
  const isWanted = isSameAnswers(expected, record.wanted.sets)
  const apartSinceMs = isWanted ? apartOf(record, results, nowMs) : record.apartSinceMs
  const { moving } = record
  const isMove = moving?.verdict === 'moving' && isSameAnswers(expected, moving.expected)
  const moved = isMove ? moveOf(moving, event, nowMs) : moving
  const next = { ...record, answers, apartSinceMs, moving: moved }
  return tellAllApart({ ...state, records: { ...state.records, [id]: next } }, nowMs)
}

/** Tells of records that are answered otherwise than decided for too long, or are so no more. */
export function tellAllApart(state: ZoneState, nowMs: number): ZoneState {
  const { zone } = state
  if (zone === null) return state
  const words: Word[] = []
  const changed: Record<string, RecordState> = {}
  for (const [id, terms] of Object.entries(state.terms.records)) {
    const record = state.records[id]
    if (record === undefined) continue
    const [told, more] = tellApart(record, { id, zone, terms, nowMs })
    if (told !== record) changed[id] = told
    words.push(...more)
  }
  if (words.length === 0) return state
  return withNews({ ...state, records: { ...state.records, ...changed } }, words, nowMs)
}

function isSameOutcome(left: readonly CheckResult[], right: readonly CheckResult[]): boolean {
  return (
    left.map(outcomeText).toSorted().join('\n') === right.map(outcomeText).toSorted().join('\n')
  )
}

function outcomeText(result: CheckResult): string {
  const said = result.outcome === 'other' ? result.values : []
  return JSON.stringify([result.target, result.outcome, said])
}

/** Who does not answer says nothing for or against. */
function apartOf(
  { apartSinceMs }: RecordState,
  results: readonly CheckResult[],
  nowMs: number,
): number | null {
  if (results.some(({ outcome }) => outcome === 'other')) return apartSinceMs ?? nowMs
  return results.some(({ outcome }) => outcome === 'as-expected') ? null : apartSinceMs
}

function moveOf(
  moving: Moving,
  { atMs, results }: Extract<ZoneEvent, { type: 'checked' }>,
  nowMs: number,
): Moving {
  const targets = { ...moving.targets }
  for (const { target, outcome, afterMs } of results) {
    if (outcome === 'failed') continue
    const before = targets[target]?.movedMs ?? null
    const movedMs = Math.max(0, atMs + afterMs - moving.sinceMs)
    targets[target] = { movedMs: before ?? (outcome === 'as-expected' ? movedMs : null) }
  }
  const pauseMs = Math.min(ZONE.firstCheckMs * 2 ** moving.checks, ZONE.longestCheckMs)
  const verdict = verdictOf(moving, results, nowMs)
  return { ...moving, targets, verdict, askedAtMs: null, dueAtMs: nowMs + pauseMs }
}

function verdictOf(
  { sinceMs, limitMs, targets }: Moving,
  results: readonly CheckResult[],
  nowMs: number,
): Moving['verdict'] {
  const said = results.filter(({ outcome }) => outcome !== 'failed')
  const isLate = nowMs - sinceMs >= limitMs
  if (said.length > 0 && said.every(({ outcome }) => outcome === 'as-expected')) return 'moved'
  if (!isLate) return 'moving'
  return said.length > 0 || Object.keys(targets).length > 0 ? 'divergent' : 'unseen'
}
