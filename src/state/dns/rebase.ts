import type { Pause, RecordState, ZoneState } from './state.ts'

/**
 * After a clock has jumped back nothing was seen or done in the future: what was, counts as of now. So every wait
 * begins anew and none becomes longer than it ever is.
 */
export function rebase(state: ZoneState, nowMs: number): ZoneState {
  const records = Object.values(state.records)
  if (Math.max(latestOf(state), ...records.map(latestOfRecord)) <= nowMs) return state
  const { run, asked, last, telling } = state
  const past = pastOf(nowMs)
  return {
    ...state,
    run: run && { ...run, sinceMs: past(run.sinceMs) },
    asked: asked && { ...asked, atMs: past(asked.atMs) },
    last: {
      ...last,
      begunAtMs: past(last.begunAtMs),
      surveyedAtMs: past(last.surveyedAtMs),
      seenAtMs: past(last.seenAtMs),
      checkedAtMs: past(last.checkedAtMs),
    },
    pause: rebasePause(state.pause, nowMs),
    telling: telling && { ...telling, sinceMs: past(telling.sinceMs) },
    records: Object.fromEntries(
      Object.entries(state.records).map(([id, record]) => [id, rebaseRecord(record, nowMs)]),
    ),
  }
}

function latestOf({ run, asked, last, pause, telling }: ZoneState): number {
  const { begunAtMs, surveyedAtMs, seenAtMs, checkedAtMs } = last
  const times = [run?.sinceMs, asked?.atMs, pause?.sinceMs, telling?.sinceMs]
  return latest([...times, begunAtMs, surveyedAtMs, seenAtMs, checkedAtMs])
}

function latestOfRecord(record: RecordState): number {
  const { sinceMs, otherSinceMs, wellSinceMs, answersAtMs, ttlAtMs, apartSinceMs } = record
  const { pause, moving } = record
  const times = [sinceMs, otherSinceMs, wellSinceMs, answersAtMs, ttlAtMs, apartSinceMs]
  return latest([...times, pause?.sinceMs, moving?.sinceMs, moving?.askedAtMs])
}

function latest(times: readonly (number | null | undefined)[]): number {
  return Math.max(...times.map((atMs) => atMs ?? -Infinity))
}

function rebaseRecord(record: RecordState, nowMs: number): RecordState {
  const past = pastOf(nowMs)
  const { held, moving } = record
  return {
    ...record,
    sinceMs: past(record.sinceMs),
    otherSinceMs: past(record.otherSinceMs),
    wellSinceMs: past(record.wellSinceMs),
    answersAtMs: past(record.answersAtMs),
    ttlAtMs: past(record.ttlAtMs),
    apartSinceMs: past(record.apartSinceMs),
    intents: record.intents.map((intent) => ({ ...intent, atMs: past(intent.atMs) })),
    pause: rebasePause(record.pause, nowMs),
    // Looked at anew: what held it may now do so for longer.
    held: held?.untilMs === undefined ? held : { ...held, untilMs: past(held.untilMs) },
    moving: moving && {
      ...moving,
      sinceMs: past(moving.sinceMs),
      askedAtMs: past(moving.askedAtMs),
      dueAtMs: past(moving.dueAtMs),
    },
  }
}

function rebasePause(pause: Pause | null, nowMs: number): Pause | null {
  return pause && { ...pause, sinceMs: Math.min(pause.sinceMs, nowMs) }
}

type Past = <Time extends number | null>(atMs: Time) => Time | number

function pastOf(nowMs: number): Past {
  return (atMs) => (atMs === null ? atMs : Math.min(atMs, nowMs))
}
