import type { Move, RecordView, ZoneView } from '../../schema/dns-answer.ts'
import { divergesSinceMs } from './apart.ts'
import { differenceOf } from './difference.ts'
import { held as heldBy } from './guard.ts'
import { pauseEndMs } from './pause.ts'
import { leaseEndMs } from './run.ts'
import type { Moving, RecordState, ZoneState } from './state.ts'

/** A zone with all its configured records, as the API shows it. A zone that nobody has asked about has none. */
export function toZoneView(state: ZoneState, nowMs: number): ZoneView | undefined {
  const { zone, run, last, pause, terms } = state
  if (zone === null) return undefined
  const records = Object.keys(terms.records).flatMap((id) => {
    const record = state.records[id]
    return record === undefined ? [] : [toRecordView({ state, id, record, nowMs })]
  })
  return {
    provider: zone.provider,
    zone: zone.zone,
    run: run === null ? 'idle' : RUN_WORDS[run.phase],
    ...runIn(state),
    generation: last.generation,
    ...(last.surveyedAtMs !== null && { surveyedAtMs: last.surveyedAtMs }),
    failures: pause?.failures ?? 0,
    ...(pause !== null && { failure: pause.failure, retryAtMs: pauseEndMs(pause) }),
    records,
  }
}

function runIn(state: ZoneState): Pick<ZoneView, 'runSinceMs' | 'runUntilMs' | 'isCutShort'> {
  const { run, begun } = state
  const untilMs = leaseEndMs(state)
  if (run === null || untilMs === undefined) return {}
  const isCutShort = run.serial !== begun
  return { runSinceMs: run.sinceMs, runUntilMs: untilMs, ...(isCutShort && { isCutShort }) }
}

const RUN_WORDS = { survey: 'surveying', apply: 'applying' } as const

interface Shown {
  readonly state: ZoneState
  readonly id: string
  readonly record: RecordState
  readonly nowMs: number
}

function toRecordView(shown: Shown): RecordView {
  const { state, id, record } = shown
  const { wanted, actual, isRead, lastChange, moving, answers } = record
  const { provider = '', zone = '' } = state.zone ?? {}
  const { owner, records } = state.terms
  const frozen = state.frozen[id]
  const guard = guardOf(shown)
  const divergesMs = divergesSinceMs(record)
  const isKnown = wanted.sets.length > 0
  return {
    id,
    provider,
    zone,
    ...wanted.key,
    route: records[id]?.route ?? '',
    reason: wanted.reason,
    degraded: wanted.degraded,
    wanted: wanted.sets,
    wantedSinceMs: record.sinceMs,
    ...(isRead && { actual }),
    difference: isKnown && isRead ? differenceOf(wanted, { sets: actual, owner }) : [],
    ...(guard !== undefined && { guard }),
    ...(frozen !== undefined && { frozen }),
    ...(lastChange !== null && { lastChange }),
    ...(moving !== null && { move: toMove(moving) }),
    ...(answers !== null && { answers: answers.results, answersSinceMs: answers.atMs }),
    ...(divergesMs !== null && { divergesSinceMs: divergesMs }),
  }
}

/** What holds the record; where the whole zone waits after a failure, that. */
function guardOf({ state, record, id, nowMs }: Shown): RecordView['guard'] {
  const { pause } = state
  const isOther = record.otherSinceMs !== null
  const waits =
    pause !== null && pauseEndMs(pause) > nowMs && isOther
      ? heldBy(id, 'back-off', pause.failure.detail, pauseEndMs(pause))
      : record.held
  if (waits === null) return undefined
  const { record: _, ...guard } = waits
  return guard
}

function toMove({ sinceMs, verdict, targets }: Moving): Move {
  return { sinceMs, verdict, targets }
}
