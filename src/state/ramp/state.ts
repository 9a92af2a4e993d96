import * as z from 'zod'
import { Id } from '../../schema/id.ts'
import type { Failback, HoldDown, Ramp } from '../../schema/ramp.ts'
import { Measure, ShareCounts } from '../../schema/report.ts'
import { Weight } from '../../schema/steer.ts'
import { RampPhase, RampSubject, RampUse } from '../../schema/traffic.ts'
import { holdMsOf } from '../hold-down.ts'
import { lookAt, Stopwatch, tickMs } from '../stopwatch.ts'

/** What a ramp goes by, canonical: the configuration as it was when the ramp began. */
export interface RampSettings {
  readonly ramp: Ramp
  readonly holdDown: HoldDown
  /** When what has recovered may come back; shifts and drains do not wait. */
  readonly failback: Failback
}

const RampSettings = z.custom<RampSettings>((value) => typeof value === 'object' && value !== null)

/** What moved and its peers, counted in the same time. */
export const Measured = z.object({
  subject: Measure,
  /** Absent where there is nothing to compare with. */
  peers: Measure.optional(),
})
export type Measured = z.output<typeof Measured>

/** A ramp: how far something has come on its way, and why it is no further. JSON. */
export const RampState = z.object({
  id: z.string().describe('"origin:us-1", "pool:us" or "shift:<number>".'),
  use: RampUse,
  subject: RampSubject,
  from: z.record(Id, Weight).optional().describe('Of a shift: the weights before.'),
  to: z.record(Id, Weight).optional().describe('Of a shift: the weights it is on its way to.'),
  settings: RampSettings,
  startedAtMs: z.number(),
  startedBy: z.string(),
  attemptAtMs: z
    .number()
    .default(0)
    .describe('When it last left nothing behind; 0 while its clients never had to leave it.'),

  phase: RampPhase,
  at: z.int().min(-1).describe('The step it stands at, from 0; -1 before the first.'),
  percent: z.number().min(0).max(100).describe('0, or that of the step.'),
  sinceMs: z.number().describe('Since when it stands at this step or in this phase.'),
  elapsed: Stopwatch.describe('Time at this step; in `waiting`: well; in `held`: held.'),

  isWell: z.boolean().describe('Whether probes and health say nothing against it.'),
  isReleased: z.boolean().describe('An operator said that it need not wait for the policy.'),
  isLeaving: z.boolean().describe('An operator sent it back, step by step.'),
  isPausing: z.boolean().describe('An operator wants it to stand still after a hold-down.'),

  breaches: z.int().min(0).describe('How often everything was taken back.'),
  setbacks: z.int().min(0).describe('Steps back in a row, none of them made good yet.'),
  setbackAt: z.int().min(-1).describe('The highest step that it had to leave and is not past.'),
  cause: z.string().describe('Why it went back the last time; empty once it is past that.'),
  backTo: z.number().describe('To which percent that was.'),

  shares: ShareCounts.optional().describe('Where affinity keeps clients, as last counted.'),
  admitPercent: z
    .number()
    .optional()
    .describe('Of the clients that are free to go anywhere; absent until they were counted.'),

  measured: Measured.optional().describe('What it last went by.'),
  anchor: Measured.optional().describe('Where the counts stood when the latest window began.'),
  measuredAtMs: z.number().nullable().describe('When it was last measured, or that was tried.'),
  measuredMs: z.number().describe('What `elapsed` said then; -1 before.'),
  unmeasured: z.string().describe('Why the last try to measure it came to nothing.'),
})
export type RampState = z.output<typeof RampState>

/** What happens to a ramp. */
export type RampEvent =
  /** Counts since `sinceMs`: the one that `measureSinceMs` had asked for. Others are late and change nothing. */
  | {
      readonly type: 'measured'
      readonly sinceMs: number
      /** Of a drain: those that take over. */
      readonly subject: Measure
      readonly peers?: Measure | undefined
    }
  | { readonly type: 'unmeasured'; readonly why: string }
  /** Health says that it is down: everything goes back, until `well`. */
  | { readonly type: 'breach'; readonly why: string }
  | { readonly type: 'well' }
  | { readonly type: 'pause' }
  | { readonly type: 'resume' }
  | { readonly type: 'step-back' }
  /** Does not wait for what it waits for: the policy, a hold-down, or the gate of this step. */
  | { readonly type: 'promote' }
  | { readonly type: 'abort'; readonly how: 'at-once' | 'in-steps' }
  | { readonly type: 'wake' }

/** The ramp as of now: time has passed, or the clock has gone back. */
export function lookAtRamp(state: RampState, nowMs: number): RampState {
  const elapsed = lookAt(state.elapsed, waitMsOf(state), nowMs)
  const attemptAtMs = Math.min(state.attemptAtMs, nowMs)
  return { ...state, elapsed, attemptAtMs, sinceMs: Math.min(state.sinceMs, nowMs) }
}

/** The percent of a step; 0 before the first. */
export function percentOf({ settings }: Pick<RampState, 'settings'>, at: number): number {
  return at < 0 ? 0 : (settings.ramp.steps[at] ?? 100)
}

/**
 * How long it has to stand where it stands. A step that was just lost is tried again after one dwell, then
 * after two, four, …, so that something which bears 25 % and not 50 % does not swing between them for ever.
 */
export function waitMsOf(state: RampState): number {
  const { ramp, holdDown, failback } = state.settings
  if (state.phase === 'held') return holdMsOf(holdDown, state.breaches)
  if (state.phase === 'waiting') return failback.delay
  const longestMs = Math.max(ramp.dwell, holdDown.max)
  return Math.min(longestMs, ramp.dwell * 2 ** Math.min(20, Math.max(0, state.setbacks - 1)))
}

/** How much of that is left. */
export function remainingMsOf(state: RampState): number {
  return Math.max(0, waitMsOf(state) - state.elapsed.ms)
}

/** Whether it has stood where it stands for as long as it has to. */
export function hasDwelt(state: RampState): boolean {
  return remainingMsOf(state) === 0
}

/** How often a paused ramp is looked at: it may stand so for days, and only a hard breach would move it. */
const PAUSED_TICK_MS = 60_000

/** How long after a look at it the next one is due. */
export function rampTickMs(state: RampState): number {
  return state.phase === 'paused' ? PAUSED_TICK_MS : tickMs(waitMsOf(state))
}

/** How long after a step traffic of the step before may still be counted: edges have to hear and to report. */
const SETTLE_MS = 10_000

/**
 * Where the counts of this step begin: a little after the step, at most half of its dwell. It names the step in
 * questions and answers.
 */
export function windowSinceMs({ sinceMs, settings }: RampState): number {
  return sinceMs + Math.min(SETTLE_MS, settings.ramp.dwell / 2)
}

/** Whether nothing will ever move it again. An aborted recovery waits at nothing for `resume` or `promote`. */
export function isRampOver({ phase, use }: Pick<RampState, 'phase' | 'use'>): boolean {
  return phase === 'done' || (phase === 'aborted' && use !== 'recovery')
}
