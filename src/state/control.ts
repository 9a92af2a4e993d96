import * as z from 'zod'
import type { Deed } from '../schema/deed.ts'
import type { Notice } from '../schema/notice.ts'
import type { Machine } from './machine.ts'
import { type RevisionEffect, type RevisionEvent, RevisionLog, revisionLog } from './revision.ts'

/** All that the control object knows, part by part. Parts are stored apart; tables entry by entry. */
export const ControlState = z.strictObject({
  log: RevisionLog.describe('The revisions and how publication stands.'),
})
export type ControlState = z.output<typeof ControlState>

/** What happens to the control object: to each part what it names. */
export type ControlEvent = RevisionEvent

/** What is to be done after a step. */
export type ControlEffect =
  | RevisionEffect
  /** To be written into the audit log, in the transaction of the step. */
  | { readonly type: 'audit'; readonly deed: Deed; readonly atMs: number }
  /** To be told to whoever wants to know. */
  | { readonly type: 'notice'; readonly notice: Notice }

/**
 * The parts of the control object in one machine, so that one transaction holds all that one event changes
 * and one alarm wakes whichever part is due.
 */
export const control: Machine<ControlState, ControlEvent, ControlEffect> = {
  schema: ControlState,
  initial: { log: revisionLog.initial },
  heir: 'log',
  step(state, event, nowMs) {
    const [log, effects] = revisionLog.step(state.log, event, nowMs)
    return [log === state.log ? state : { ...state, log }, effects]
  },
  wakeAtMs: ({ log }) => revisionLog.wakeAtMs(log),
}
