import type { Actor, Deed } from '../../schema/deed.ts'
import type { InterlockRefusal } from '../../schema/interlock.ts'
import type { Shed } from '../../schema/limit.ts'
import type { Notice } from '../../schema/notice.ts'
import type { AdminState } from '../../schema/pool.ts'
import type { ProberName } from '../../schema/probe-plan.ts'
import type { HealthReport, Measure } from '../../schema/report.ts'
import type { RampSubject } from '../../schema/traffic.ts'
import type { RampEvent, RampState } from '../ramp/state.ts'
import type { PendingConfirmation, TrafficState } from './state.ts'

/** What goes with every change by an operator. */
export interface Asked {
  readonly actor: Actor
  readonly reason: string
  /** Goes past the interlocks. */
  readonly override: boolean
  readonly confirmWithinMs?: number | undefined
}

/** An operator says what an origin or a pool shall be. */
export interface SetState extends Asked {
  readonly type: 'set-state'
  readonly subject: RampSubject
  readonly state: AdminState
  readonly fromMs?: number | undefined
  readonly untilMs?: number | undefined
  readonly ramp?: string | undefined
}

/** An operator takes load off a pool, or, with `null`, gives it back. */
export interface SetShedding extends Asked {
  readonly type: 'set-shedding'
  readonly pool: string
  readonly shed: Shed | null
  readonly untilMs?: number | undefined
}

/** An operator sends the weights of a route on their way. */
export interface StartShift extends Asked {
  readonly type: 'start-shift'
  readonly route: string
  readonly to: Readonly<Record<string, number>>
  readonly ramp?: string | undefined
}

/** An operator tells a ramp something. */
export interface CommandRamp extends Asked {
  readonly type: 'command'
  readonly ramp: string
  readonly command: Extract<
    RampEvent,
    { type: 'pause' | 'resume' | 'step-back' | 'promote' | 'abort' }
  >
}

/** A change is meant to stay. */
export interface Confirm {
  readonly type: 'confirm'
  readonly id: string
  readonly actor: Actor
}

/** What happens to traffic. */
export type TrafficEvent =
  | { readonly type: 'health'; readonly report: HealthReport }
  /** Counts since `sinceMs`, which is what names the step of the ramp that asked. */
  | {
      readonly type: 'measured'
      readonly ramp: string
      readonly sinceMs: number
      readonly subject: Measure
      readonly peers?: Measure | undefined
    }
  | { readonly type: 'unmeasured'; readonly ramp: string; readonly why: string }
  | SetState
  | SetShedding
  | StartShift
  | CommandRamp
  | Confirm

/** What became of what an operator asked for. */
export type Told =
  | {
      readonly outcome: 'done' | 'unchanged'
      /** What moves by it from now. */
      readonly ramp?: RampState | undefined
      /** What has to be confirmed. */
      readonly confirmation?: PendingConfirmation | undefined
      readonly overrode: readonly InterlockRefusal[]
    }
  | { readonly outcome: 'refused'; readonly refusals: readonly InterlockRefusal[] }
  | { readonly outcome: 'not-found' | 'conflict'; readonly detail: string }
  /** The current revision is not the expected one. */
  | { readonly outcome: 'mismatch' }

/** What is to be done after a step. */
export type TrafficEffect =
  | { readonly type: 'told'; readonly told: Told }
  /** Ask the objects of these origins what they have seen since. */
  | {
      readonly type: 'measure'
      readonly ramp: string
      readonly sinceMs: number
      readonly subject: readonly string[]
      readonly peers: readonly string[]
    }
  /** Make a revision with these weights: the shift that led to them is done. */
  | {
      readonly type: 'land'
      readonly ramp: string
      readonly route: string
      readonly weights: Readonly<Record<string, number>>
      readonly by: string
    }
  /** Go back to this revision, unless another than `from` is the current one by then. */
  | {
      readonly type: 'revert'
      readonly id: string
      readonly from: number
      readonly to: number
    }
  /** Tell these probers that there is a revision. */
  | {
      readonly type: 'rouse'
      readonly revision: number
      readonly probers: readonly ProberName[]
    }
  | { readonly type: 'audit'; readonly deed: Deed; readonly atMs: number }
  | { readonly type: 'notice'; readonly notice: Notice }

/** A state with what follows from getting there. */
export type Step = readonly [TrafficState, readonly TrafficEffect[]]

/** One after the other: each goes on from where the one before it came to. */
export function chain(
  state: TrafficState,
  ...moves: readonly ((state: TrafficState) => Step)[]
): Step {
  const effects: TrafficEffect[] = []
  let current = state
  for (const move of moves) {
    const [next, more] = move(current)
    current = next
    effects.push(...more)
  }
  return [current, effects]
}
