import { requestConfirmation } from './confirmations.ts'
import { type SetState, type Step, type Told, type TrafficEffect } from './event.ts'
import { refusalsOf } from './interlocks.ts'
import { overrodeNotice } from './notice.ts'
import { takeEffect } from './override-effect.ts'
import { replaceOverride } from './overrides.ts'
import { configuredState, rampOf } from './standing.ts'
import { type HeldOverride, type TrafficState, toKey, withEntry } from './state.ts'

/** An operator says what an origin or pool shall be, from now or from a moment to come. */
export function setState(state: TrafficState, event: SetState, nowMs: number): Step {
  const objection = objectionTo(state, event, nowMs)
  if (objection) return [state, [{ type: 'told', told: objection }]]
  const key = toKey(event.subject)
  const previous = state.overrides[key]
  const override = toOverride(state, event, nowMs)
  if (isSame(previous, override)) return [state, [told({ outcome: 'unchanged', overrode: [] })]]

  // Judged by where it leads: a drain by its end, a window as if it were open.
  const reached = reach(state, { key, override }, nowMs)
  const ramp = state.plan?.ramps[event.ramp ?? '']
  const refusals = event.state === 'ready' ? [] : refusalsOf(state, reached, ramp)
  if (refusals.length > 0 && !event.override) {
    return [state, [told({ outcome: 'refused', refusals })]]
  }
  const numbered = { ...state, serial: state.serial + 1 }
  const [said, effects] = replaceOverride(numbered, { key, override, isAsked: true }, nowMs)
  const reversal = {
    type: 'override',
    subject: key,
    serial: override?.serial ?? 0,
    previous: previous ?? null,
  } as const
  const [next, confirmation] = requestConfirmation(
    said,
    { asked: event, action: `state of ${key}: ${event.state}`, target: key, reversal },
    nowMs,
  )
  const done: Told = {
    outcome: 'done',
    ramp: rampOf(next, event.subject),
    confirmation,
    overrode: refusals,
  }
  const audit: TrafficEffect = {
    type: 'audit',
    deed: {
      action: 'state.set',
      target: key,
      actor: event.actor,
      reason: event.reason,
      before: previous ?? null,
      after: override ?? { state: event.state },
      ...(refusals.length > 0 && { overrode: refusals }),
    },
    atMs: nowMs,
  }
  const overrode = overrodeNotice(next, { key, actor: event.actor, refusals }, nowMs)
  return [next, [told(done), audit, ...overrode, ...effects]]
}

function told(answer: Told): TrafficEffect {
  return { type: 'told', told: answer }
}

function objectionTo(state: TrafficState, event: SetState, nowMs: number): Told | undefined {
  const { subject, fromMs, untilMs, ramp } = event
  const { plan } = state
  if (plan === null) return conflict('the configuration in force cannot be read by this release')
  if (configuredState(plan, subject) === undefined) {
    return { outcome: 'not-found', detail: `there is no ${subject.type} "${subject.id}"` }
  }
  if (ramp !== undefined && event.state !== 'drain') {
    return conflict('only a drain goes by a ramp')
  }
  if (ramp !== undefined && !Object.hasOwn(plan.ramps, ramp)) {
    return { outcome: 'not-found', detail: `there is no ramp "${ramp}"` }
  }
  if (untilMs !== undefined && untilMs <= Math.max(nowMs, fromMs ?? 0)) {
    return conflict('it would end before it begins, or has ended already')
  }
  const isLeaving = subject.type === 'origin' && Object.hasOwn(state.leaving, subject.id)
  if (isLeaving && (event.state !== 'maintenance' || fromMs !== undefined)) {
    return conflict(
      `origin "${subject.id}" was removed and drains: apply it again, or say "maintenance"`,
    )
  }
  const isPlanned = fromMs !== undefined && fromMs > nowMs
  if (isPlanned && state.overrides[toKey(subject)]?.hasBegun) {
    return conflict('an operator holds its state now: end that before a window is planned')
  }
  return undefined
}

function conflict(detail: string): Told {
  return { outcome: 'conflict', detail }
}

function toOverride(state: TrafficState, event: SetState, nowMs: number): HeldOverride | undefined {
  const { subject, state: wanted, fromMs, untilMs, ramp, reason, actor } = event
  const configured = state.plan ? configuredState(state.plan, subject) : undefined
  const isTimed = fromMs !== undefined || untilMs !== undefined
  // Nothing need be said to have what the configuration says.
  if (wanted === 'ready' && configured === 'ready' && !isTimed) return undefined
  return {
    state: wanted,
    reason,
    by: actor.name,
    fromMs: fromMs ?? nowMs,
    ...(untilMs !== undefined && { untilMs }),
    ...(ramp !== undefined && { ramp }),
    serial: state.serial + 1,
    hasBegun: false,
    isForced: event.override,
  }
}

/** Whether it was said before: who says a thing twice changes nothing by it. */
function isSame(previous: HeldOverride | undefined, next: HeldOverride | undefined): boolean {
  if (previous === undefined || next === undefined) return previous === next
  const isStarted = previous.hasBegun && next.fromMs >= previous.fromMs
  return (
    previous.state === next.state &&
    previous.untilMs === next.untilMs &&
    previous.ramp === next.ramp &&
    (isStarted || previous.fromMs === next.fromMs)
  )
}

interface Held {
  readonly key: string
  readonly override: HeldOverride | undefined
}

/** The state in which an override has come to its end: what the interlocks judge. */
function reach(state: TrafficState, { key, override }: Held, nowMs: number): TrafficState {
  if (override === undefined) return state
  const { ramp: _, ...atOnce } = override
  const begun = { ...atOnce, hasBegun: true }
  const said = { ...state, overrides: withEntry(state.overrides, key, begun) }
  return takeEffect(said, { key, override: begun }, nowMs)
}
