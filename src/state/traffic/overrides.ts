import { NOBODY } from '../../schema/deed.ts'
import { keepsClients } from './drain-times.ts'
import { type Step, type TrafficEffect, chain } from './event.ts'
import { refusalsOf } from './interlocks.ts'
import { notice } from './notice.ts'
import { type Held, takeEffect } from './override-effect.ts'
import { comeBack } from './recovery.ts'
import { dropRamps } from './ramps.ts'
import { rampOf, routesLost, shareOf, stateOf } from './standing.ts'
import {
  type HeldOverride,
  type TrafficState,
  toSubject,
  withEntry,
  withoutEntries,
} from './state.ts'

/** What is to be said of a subject instead of what was. */
export interface Replacement {
  readonly key: string
  readonly override: HeldOverride | undefined
  /** Whether an operator asks for it now. */
  readonly isAsked?: boolean
}

/** Puts an override in the place of what was said before, or nothing at all. It takes effect with time. */
export function replaceOverride(
  state: TrafficState,
  { key, override, isAsked = false }: Replacement,
  nowMs: number,
): Step {
  // Where nothing is served there is nothing to take away by steps.
  const isOut = stateOf(state, toSubject(key)) !== 'ready'
  const overrides = override
    ? withEntry(state.overrides, key, isOut ? withoutRamp(override) : override)
    : withoutEntries(state.overrides, [key])
  const said = { ...state, overrides }
  return chain(
    said,
    (current) => beginOverride(current, { key, nowMs }),
    (current) => comeBackFrom(current, { key, before: state, isAsked }, nowMs),
  )
}

function withoutRamp(override: HeldOverride): HeldOverride {
  const { ramp: _, ...atOnce } = override
  return atOnce
}

/** Windows that begin or end in one step: an object has 30 s, and thousands may be planned for one moment. */
const MOST_TURNS = 500

/** Overrides whose time has come take effect, and those whose time is over end. What is too much waits for the next step. */
export function turnOverrides(state: TrafficState, nowMs: number): Step {
  const due = Object.entries(state.overrides).filter(([, override]) => isDue(override, nowMs))
  return chain(
    state,
    ...due.slice(0, MOST_TURNS).map(([key]) => (current: TrafficState) => {
      const override = current.overrides[key]
      if (override === undefined || !isDue(override, nowMs)) return [current, []] as const
      if (isOver(override, nowMs)) return endOverride(current, { key, override, nowMs })
      return replaceOverride(current, { key, override }, nowMs)
    }),
  )
}

function isDue(override: HeldOverride, nowMs: number): boolean {
  return isOver(override, nowMs) || (!override.hasBegun && override.fromMs <= nowMs)
}

function isOver({ untilMs }: HeldOverride, nowMs: number): boolean {
  return untilMs !== undefined && untilMs <= nowMs
}

/** When the next override takes effect or ends. */
export function overridesWakeAtMs({ overrides }: TrafficState): number | undefined {
  const times = Object.values(overrides).flatMap(({ hasBegun, fromMs, untilMs }) =>
    hasBegun ? (untilMs ?? []) : fromMs,
  )
  return times.length === 0 ? undefined : Math.min(...times)
}

interface Turn {
  readonly key: string
  readonly nowMs: number
}

function beginOverride(state: TrafficState, { key, nowMs }: Turn): Step {
  const override = state.overrides[key]
  if (override === undefined || override.hasBegun || override.fromMs > nowMs) return [state, []]
  const begun = withEntry(state.overrides, key, { ...override, hasBegun: true })
  const [freed, told] = dropRamps(state, override.state === 'ready' ? [] : [key], nowMs)
  const next = takeEffect({ ...freed, overrides: begun }, { key, override }, nowMs)
  // A window that was planned is looked at again when it opens: the world has moved on since.
  const isAsked = !override.isForced && override.state !== 'ready'
  const ramp = state.plan?.ramps[override.ramp ?? '']
  const refusals = isAsked ? refusalsOf(state, next, ramp) : []
  if (refusals.length === 0) return [next, told]
  const subject = toSubject(key)
  const news = {
    kind: 'interlock',
    severity: 'error',
    subject,
    title: `${subject.type} ${subject.id} stays as it is: an interlock refuses "${override.state}"`,
    text: JSON.stringify(refusals),
    dedupKey: `interlock:${key}`,
    resolves: false,
  } as const
  const dropped = { ...state, overrides: withoutEntries(state.overrides, [key]) }
  return [dropped, [notice(state, news, nowMs)]]
}

function endOverride(
  state: TrafficState,
  { key, override, nowMs }: Held & { readonly nowMs: number },
): Step {
  const [next, effects] = replaceOverride(state, { key, override: undefined }, nowMs)
  if (!override.isForced && isLastLost(state, next, key)) {
    return postpone(state, { key, override, nowMs })
  }
  const audit: TrafficEffect = {
    type: 'audit',
    deed: {
      action: 'state.end',
      target: key,
      actor: NOBODY,
      reason: 'its time is over',
      before: override,
    },
    atMs: nowMs,
  }
  return [next, [audit, ...effects]]
}

/** Whether the subject was the last to serve some route, and serves no more. */
export function isLastLost(before: TrafficState, after: TrafficState, key: string): boolean {
  const { type, id } = toSubject(key)
  const pool = type === 'pool' ? id : (after.plan?.poolOf[id] ?? '')
  return routesLost(before, after, pool).length > 0
}

/** How long an end that would turn a route off is put off, each time. */
const POSTPONED_MS = 60_000

function postpone(
  state: TrafficState,
  { key, override, nowMs }: Held & { readonly nowMs: number },
): Step {
  const longer: HeldOverride = { ...override, untilMs: nowMs + POSTPONED_MS, isPostponed: true }
  const next = { ...state, overrides: withEntry(state.overrides, key, longer) }
  // Once is enough: it may be put off every minute of a night.
  if (override.isPostponed) return [next, []]
  const subject = toSubject(key)
  const news = {
    kind: 'interlock',
    severity: 'warning',
    subject,
    title: `${subject.type} ${subject.id} stays "${override.state}" past its time`,
    text: 'nothing else is left to serve some route',
    dedupKey: `interlock:${key}`,
    resolves: false,
  } as const
  return [next, [notice(state, news, nowMs)]]
}

/** What was out by an operator and may serve again comes back as what has recovered does, from the share it has. */
function comeBackFrom(
  state: TrafficState,
  { key, before, isAsked }: CameFrom,
  nowMs: number,
): Step {
  const subject = toSubject(key)
  const isCalledBack =
    rampOf(state, subject)?.use === 'drain' && state.overrides[key]?.state !== 'drain'
  const wasOut = stateOf(before, subject) !== 'ready'
  if (!wasOut && !isCalledBack) return [state, []]
  const fromPercent = isCalledBack ? shareOf(state, subject) : 0
  const hasKept = isCalledBack || keepsClients(before, subject, nowMs)
  return chain(
    state,
    (current) => (isCalledBack ? dropRamps(current, [key], nowMs) : [current, []]),
    (current) => comeBack(current, { subject, fromPercent, isAsked, hasKept }, nowMs),
  )
}

interface CameFrom {
  readonly key: string
  readonly before: TrafficState
  readonly isAsked: boolean
}
