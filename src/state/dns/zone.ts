import type { Reconciliation } from '../../schema/dns-answer.ts'
import type { ZoneName } from '../../schema/dns-zone.ts'
import type { Machine, Wake } from '../machine.ts'
import { takeApplied } from './applied.ts'
import { takeChecked, tellAllApart } from './checked.ts'
import { beginChecks, nextCheckAtMs } from './checks.ts'
import type { Survey, Wish, ZoneEffect, ZoneEvent } from './event.ts'
import { freeze } from './freeze.ts'
import { isEqual, observe } from './observe.ts'
import { rebase } from './rebase.ts'
import { isSameSets, keyText } from './record-set.ts'
import {
  ask,
  beginAtMs,
  beginDue,
  endUnmoved,
  failRun,
  lapse,
  leaseEndMs,
  planOf,
  takeSurvey,
  type ZoneStep,
} from './run.ts'
import { initialZone, type RecordState, ZoneState } from './state.ts'
import { beginTelling, hear, missHearing, nextTellAtMs } from './tell.ts'

/**
 * The records of one zone at one provider. Whatever asks for it, there is one run at a time: a survey of what should
 * stand and what does, and then the changes, each written down before it is begun. Who is begun and not heard of
 * keeps others from beginning until its lease is over; the next survey then tells what it had made. What happened is
 * told to the control object until that has heard it.
 */
export const zoneMachine: Machine<ZoneState, ZoneEvent, ZoneEffect> = {
  schema: ZoneState,
  initial: initialZone,
  tables: ['records', 'frozen', 'news'],
  volatile: ['begun'],
  step(before, event, nowMs) {
    const [taken, effects] = take(lapse(rebase(before, nowMs), nowMs), event, nowMs)
    const due = askIfDue(taken, nowMs)
    const [begun, surveys] = beginDue(due, nowMs)
    const [checked, checks] = beginChecks(begun, nowMs)
    const [told, tells] = beginTelling(tellAllApart(checked, nowMs), nowMs)
    return [withSameEntries(before, told), [...effects, ...surveys, ...checks, ...tells]]
  },
  wakeAtMs(state) {
    const times = [
      leaseEndMs(state),
      beginAtMs(state),
      state.run === null && state.asked === null ? nextGuardAtMs(state) : undefined,
      nextCheckAtMs(state),
      nextTellAtMs(state),
    ].filter((atMs) => atMs !== undefined)
    return times.length === 0 || state.zone === null ? undefined : Math.min(...times)
  },
}

/**
 * Whether something may be to be done: what is wanted is not what it was, or was not reached and nothing holds it. If
 * not, nobody has to ask the provider because conditions changed somewhere else: that may be each second.
 */
export function isMoved(
  state: ZoneState,
  { terms, wanted }: Pick<Wish, 'terms' | 'wanted'>,
  nowMs: number,
): boolean {
  if (state.pause !== null || !isEqual(terms, state.terms)) return true
  return wanted.some((each) => {
    const record = state.records[each.record]
    if (record === undefined) return true
    const { held, otherSinceMs, wanted: before } = record
    const isFree = held === null ? otherSinceMs !== null : (held.untilMs ?? Infinity) <= nowMs
    // Words may differ at every look: they hold evidence.
    return (
      isFree ||
      keyText(each.key) !== keyText(before.key) ||
      (each.hold === undefined) !== (before.hold === undefined) ||
      each.degraded !== before.degraded ||
      !isSameSets(each.sets, before.sets)
    )
  })
}

/** What a run would do that found this. Changes nothing. */
export function previewRun(state: ZoneState, survey: Survey, nowMs: number): Reconciliation {
  return planOf(observe(rebase(state, nowMs), survey, nowMs), survey, nowMs)
}

function take(state: ZoneState, event: ZoneEvent | Wake, nowMs: number): ZoneStep {
  const { run } = state
  switch (event.type) {
    case 'start':
      return [start(state, nowMs), []]
    case 'ask':
      return [asked(state, event, nowMs), []]
    case 'surveyed':
      if (run?.serial !== event.serial || run.phase !== 'survey') return [state, []]
      return takeSurvey(state, run, { survey: surveyIn(event), nowMs })
    case 'unmoved':
      if (run?.serial !== event.serial || run.phase !== 'survey') return [state, []]
      return [endUnmoved(state, event.generation, nowMs), []]
    case 'failed':
      if (run?.serial !== event.serial || run.phase !== 'survey') return [state, []]
      return [failRun(state, event, nowMs), []]
    case 'applied':
      if (run?.serial !== event.serial || run.phase !== 'apply') return [state, []]
      return [takeApplied(state, run, { results: event.results, nowMs }), []]
    case 'heard':
      return [hear(state, event.upTo), []]
    case 'unheard':
      return [missHearing(state, event.upTo, nowMs), []]
    case 'checked':
      return [takeChecked(state, event, nowMs), []]
    case 'freeze':
      return [freeze(withZone(state, event.zone), event, nowMs), []]
    case 'wake':
      return [state, []]
  }
}

/**
 * A process before this one may still be writing, and is waited for; what it read or told is done anew. Checks that
 * are lost follow again.
 */
function start(state: ZoneState, nowMs: number): ZoneState {
  const { run } = state
  const next = { ...state, telling: null }
  if (run?.phase !== 'survey') return next
  return ask({ ...next, run: null }, run.cause, nowMs)
}

function asked(
  state: ZoneState,
  { zone, cause }: Extract<ZoneEvent, { type: 'ask' }>,
  nowMs: number,
): ZoneState {
  const next = ask(withZone(state, zone), cause, nowMs)
  // Who asks by hand may have mended what was wrong.
  return cause === 'operator' ? withoutWaits(next) : next
}

function withZone(state: ZoneState, zone: ZoneName): ZoneState {
  return isEqual(state.zone, zone) ? state : { ...state, zone }
}

function withoutWaits(state: ZoneState): ZoneState {
  const records = Object.entries(state.records).map(([id, record]): [string, RecordState] => {
    const { pause } = record
    return [id, pause === null ? record : { ...record, pause: { ...pause, pauseMs: 0 } }]
  })
  return { ...state, records: Object.fromEntries(records) }
}

/** What held a record has let go: it is looked at anew. */
function askIfDue(state: ZoneState, nowMs: number): ZoneState {
  if (state.run !== null || state.asked !== null) return state
  const atMs = nextGuardAtMs(state)
  return atMs !== undefined && atMs <= nowMs ? ask(state, 'due', nowMs) : state
}

function nextGuardAtMs({ records }: ZoneState): number | undefined {
  const times = Object.values(records).flatMap(({ held }) => held?.untilMs ?? [])
  return times.length === 0 ? undefined : Math.min(...times)
}

function surveyIn({ generation, terms, wanted, actual }: Survey): Survey {
  return { generation, terms, wanted, actual }
}

/** Entries that say the same as before are the same: each other one is a row to be written. */
function withSameEntries(before: ZoneState, next: ZoneState): ZoneState {
  if (before.records === next.records) return next
  const records: Record<string, RecordState> = {}
  let isSame = Object.keys(before.records).length === Object.keys(next.records).length
  for (const [id, record] of Object.entries(next.records)) {
    const known = before.records[id]
    records[id] = known !== undefined && isEqual(known, record) ? known : record
    isSame &&= records[id] === known
  }
  return { ...next, records: isSame ? before.records : records }
}
