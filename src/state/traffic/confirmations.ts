import { type Asked, type Confirm, type Step, chain } from './event.ts'
import { isLastLost } from './overrides.ts'
import { auditOf, reversalEffects, takeBack } from './reversal.ts'
import { shedsLast } from './shedding.ts'
import {
  type PendingConfirmation,
  type Reversal,
  type TrafficState,
  entryOf,
  withEntry,
  withoutEntries,
} from './state.ts'

/** How long a reversal that has to be made outside may take before it is asked for again. */
const REVERT_RETRY_MS = 20_000

/** How long a reversal that would turn a route off is put off, each time. */
const POSTPONED_MS = 60_000

/** A change that may have to be taken back. */
export interface Revocable {
  readonly asked: Asked
  readonly action: string
  readonly target: string
  readonly reversal: Reversal
}

/** Remembers to take a change back, if it or the configuration wants that. */
export function requestConfirmation(
  state: TrafficState,
  { asked, action, target, reversal }: Revocable,
  nowMs: number,
): readonly [TrafficState, PendingConfirmation | undefined] {
  const withinMs = asked.confirmWithinMs ?? state.plan?.interlocks.confirmWithin
  if (withinMs === undefined) return [state, undefined]
  const serial = state.serial + 1
  const id = `change-${serial}`
  const pending: PendingConfirmation = {
    id,
    action,
    target,
    by: asked.actor.name,
    dueAtMs: nowMs + withinMs,
    reversal,
    askedAtMs: 0,
  }
  // What is changed again is confirmed or taken back as it is now; the change before it is no more.
  const older = Object.values(state.confirmations).filter((each) => each.target === target)
  const others = withoutEntries(
    state.confirmations,
    older.map((each) => each.id),
  )
  const kept = older[0] ? { ...pending, reversal: merge(older[0].reversal, reversal) } : pending
  return [{ ...state, serial, confirmations: withEntry(others, id, kept) }, kept]
}

/** Two changes of one subject, neither confirmed, go back to where the first of them began. */
function merge(first: Reversal, second: Reversal): Reversal {
  if (first.type === 'override' && second.type === 'override') {
    return { ...second, previous: first.previous }
  }
  if (first.type === 'shedding' && second.type === 'shedding') {
    return { ...second, previous: first.previous }
  }
  if (first.type === 'revision' && second.type === 'revision') {
    return { ...second, back: first.back }
  }
  return second
}

/** An operator confirms a change: it stays. */
export function confirm(state: TrafficState, { id, actor }: Confirm, nowMs: number): Step {
  const pending = entryOf(state.confirmations, id)
  if (pending === undefined) {
    const detail = `there is no change "${id}" to confirm: it was confirmed, or has reverted`
    return [state, [{ type: 'told', told: { outcome: 'not-found', detail } }]]
  }
  const next = { ...state, confirmations: withoutEntries(state.confirmations, [id]) }
  const audit = auditOf(pending, 'change.confirm', nowMs)
  return [
    next,
    [
      { type: 'told', told: { outcome: 'done', overrode: [] } },
      { ...audit, deed: { ...audit.deed, actor, reason: '' } },
    ],
  ]
}

/** Takes back what nobody confirmed in time. */
export function revertDue(state: TrafficState, nowMs: number): Step {
  const due = Object.values(state.confirmations).filter(
    (pending) => dueAtMs(pending, nowMs) <= nowMs,
  )
  return chain(
    state,
    ...due.map((pending) => (current: TrafficState) => revert(current, pending, nowMs)),
  )
}

/** When the next change reverts, or is asked for again. */
export function confirmationsWakeAtMs({ confirmations }: TrafficState): number | undefined {
  const times = Object.values(confirmations).map(({ dueAtMs: due, askedAtMs }) =>
    askedAtMs === 0 ? due : askedAtMs + REVERT_RETRY_MS,
  )
  return times.length === 0 ? undefined : Math.min(...times)
}

function dueAtMs({ dueAtMs: due, askedAtMs }: PendingConfirmation, nowMs: number): number {
  if (askedAtMs === 0) return due
  // A clock that went back must not hold it.
  return askedAtMs > nowMs ? nowMs : askedAtMs + REVERT_RETRY_MS
}

function revert(state: TrafficState, pending: PendingConfirmation, nowMs: number): Step {
  const { id, reversal } = pending
  if (reversal.type === 'revision') {
    const asked = withEntry(state.confirmations, id, { ...pending, askedAtMs: nowMs })
    const { revision: from, back: to } = reversal
    return [{ ...state, confirmations: asked }, [{ type: 'revert', id, from, to }]]
  }
  const rest = { ...state, confirmations: withoutEntries(state.confirmations, [id]) }
  const [next, effects] = takeBack(rest, reversal, nowMs)
  if (isLost(rest, next, reversal)) {
    // Nothing else is left to serve some route: what was changed stays until there is.
    const later = { ...pending, dueAtMs: nowMs + POSTPONED_MS }
    return [{ ...state, confirmations: withEntry(state.confirmations, id, later) }, []]
  }
  const how = next === rest ? 'changed-since' : 'reverted'
  return [next, [...reversalEffects(next, { pending, how }, nowMs), ...effects]]
}

/** Whether taking a change back would leave some route without anybody. */
function isLost(before: TrafficState, after: TrafficState, reversal: Reversal): boolean {
  if (reversal.type === 'shedding') return shedsLast(before, after)
  return reversal.type === 'override' && isLastLost(before, after, reversal.subject)
}
