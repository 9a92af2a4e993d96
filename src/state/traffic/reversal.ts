import { NOBODY } from '../../schema/deed.ts'
import type { RampSubject } from '../../schema/traffic.ts'
import type { Step, TrafficEffect } from './event.ts'
import { notice } from './notice.ts'
import { replaceOverride } from './overrides.ts'
import { tellRamp } from './ramps.ts'
import { takeSheddingBack } from './shedding.ts'
import {
  type PendingConfirmation,
  type Reversal,
  type TrafficState,
  toSubject,
  withoutEntries,
} from './state.ts'

/** Takes a change back, unless something else was said since: then the very same state. */
export function takeBack(
  state: TrafficState,
  reversal: Exclude<Reversal, { type: 'revision' }>,
  nowMs: number,
): Step {
  if (reversal.type === 'ramp') return takeRampBack(state, reversal.id, nowMs)
  if (reversal.type === 'shedding') return [takeSheddingBack(state, reversal), []]
  const { subject: key, serial, previous } = reversal
  const standing = state.overrides[key]?.serial ?? 0
  if (standing !== serial) return [state, []]
  const override = previous === null ? undefined : { ...previous, hasBegun: false }
  return replaceOverride(state, { key, override }, nowMs)
}

function takeRampBack(state: TrafficState, id: string, nowMs: number): Step {
  if (Object.hasOwn(state.landings, id)) {
    // It is done and no revision yet: the configuration still has the weights that were before.
    return [{ ...state, landings: withoutEntries(state.landings, [id]) }, []]
  }
  return tellRamp(state, id, { event: { type: 'abort', how: 'at-once' }, nowMs })
}

/** A shift became a revision: what would have been taken back by an end of the shift is a revision now. */
export function landReversals(
  confirmations: TrafficState['confirmations'],
  ramp: string,
  { revision, back }: { readonly revision: number; readonly back: number },
): TrafficState['confirmations'] {
  const landed = Object.entries(confirmations).map(([id, pending]) => {
    const { reversal } = pending
    if (reversal.type !== 'ramp' || reversal.id !== ramp) return [id, pending] as const
    return [id, { ...pending, reversal: { type: 'revision', revision, back } as const }] as const
  })
  return Object.fromEntries(landed)
}

/** A revision was gone back on, or another has come since: nothing is pending any more. */
export function settleReversal(
  state: TrafficState,
  { id, isDone }: { readonly id: string; readonly isDone: boolean },
  nowMs: number,
): Step {
  const pending = state.confirmations[id]
  if (pending === undefined) return [state, []]
  const rest = { ...state, confirmations: withoutEntries(state.confirmations, [id]) }
  const how = isDone ? 'reverted' : 'changed-since'
  return [rest, reversalEffects(rest, { pending, how }, nowMs)]
}

interface Reverted {
  readonly pending: PendingConfirmation
  readonly how: 'reverted' | 'changed-since'
}

/** Tells what became of a change that nobody confirmed. */
export function reversalEffects(
  state: TrafficState,
  { pending, how }: Reverted,
  nowMs: number,
): TrafficEffect[] {
  const { id, action, target, by, reversal } = pending
  const isReverted = how === 'reverted'
  const news = {
    kind: 'interlock',
    severity: 'warning',
    subject: reversal.type === 'shedding' ? poolSubject(reversal) : toSubject(target),
    title: isReverted ? `reverted: ${action}` : `not reverted: ${action}`,
    text: isReverted
      ? `nobody confirmed in time what ${by} changed`
      : `nobody confirmed in time what ${by} changed, and it, or the configuration, was changed again since`,
    dedupKey: `confirmation:${id}`,
    resolves: false,
  } as const
  const told = notice(state, news, nowMs)
  return isReverted ? [auditOf(pending, 'change.revert', nowMs), told] : [told]
}

function poolSubject({ pool: id }: { readonly pool: string }): RampSubject {
  return { type: 'pool', id }
}

/** What the audit log keeps of the end of a wait. */
export function auditOf(
  { id, action, target }: PendingConfirmation,
  what: string,
  nowMs: number,
): Extract<TrafficEffect, { type: 'audit' }> {
  const deed = {
    action: what,
    target,
    actor: NOBODY,
    reason: 'nobody confirmed it in time',
    before: { id, action },
  }
  return { type: 'audit', deed, atMs: nowMs }
}
