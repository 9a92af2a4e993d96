import type { ZoneName } from '../../schema/dns-zone.ts'
import type { DnsFailure } from '../../schema/dns-record-set.ts'
import { toZoneId } from '../../schema/dns-zone.ts'
import { noticeOf, type Word, withNews } from './news.ts'
import { nextPause, type Setback } from './pause.ts'
import { type Pause, type RecordState, ZONE, type ZoneState } from './state.ts'

/** A run failed: the next one has to wait, and after some in a row operators hear of it. */
export function zoneFailed(state: ZoneState, failure: DnsFailure, nowMs: number): ZoneState {
  const pause = nextPause(state.pause, { failure, isConflict: false }, nowMs)
  const asked = state.asked ?? { cause: 'due', atMs: nowMs }
  const [told, words] = tellSetback(pause, { zone: state.zone }, nowMs)
  return withNews({ ...state, asked, pause: told }, words, nowMs)
}

/** A run did not fail. */
export function zoneWell(state: ZoneState, nowMs: number): ZoneState {
  if (state.pause === null) return state
  const words = tellOver(state.pause, { zone: state.zone }, nowMs)
  return withNews({ ...state, pause: null }, words, nowMs)
}

/** Who a setback is of. */
export interface Whose {
  readonly zone: ZoneName | null
  readonly record?: string
}

/** A change of this record alone could not be made. */
export function recordFailed(
  record: RecordState,
  setback: Setback,
  { nowMs, ...whose }: Whose & { readonly nowMs: number },
): readonly [RecordState, readonly Word[]] {
  const [pause, words] = tellSetback(nextPause(record.pause, setback, nowMs), whose, nowMs)
  return [{ ...record, pause }, words]
}

/** It could, or there is no need any more. */
export function recordWell(
  record: RecordState,
  { nowMs, ...whose }: Whose & { readonly nowMs: number },
): readonly [RecordState, readonly Word[]] {
  if (record.pause === null) return [record, []]
  return [{ ...record, pause: null }, tellOver(record.pause, whose, nowMs)]
}

function tellSetback(pause: Pause, whose: Whose, nowMs: number): readonly [Pause, readonly Word[]] {
  const { failures, failure, isTold } = pause
  if (isTold || failures < ZONE.toldAfter || whose.zone === null) return [pause, []]
  const notice = noticeOf(
    {
      ...subjectOf(whose, whose.zone),
      severity: 'error',
      title: `DNS ${nameOf(whose, whose.zone)} could not be brought up to date`,
      text: `${failures} attempts in a row (${failure.kind}): ${failure.detail}`,
      resolves: false,
    },
    nowMs,
  )
  return [{ ...pause, isTold: true }, [{ notice }]]
}

function tellOver({ isTold }: Pause, whose: Whose, nowMs: number): readonly Word[] {
  if (!isTold || whose.zone === null) return []
  const title = `DNS ${nameOf(whose, whose.zone)} is kept again`
  const subject = subjectOf(whose, whose.zone)
  return [
    { notice: noticeOf({ ...subject, severity: 'info', title, text: '', resolves: true }, nowMs) },
  ]
}

function subjectOf({ record }: Whose, zone: ZoneName) {
  return { matter: 'failing', zone, ...(record !== undefined && { record }) }
}

function nameOf({ record }: Whose, zone: ZoneName): string {
  return record === undefined ? `zone ${toZoneId(zone)}` : `record ${record}`
}
