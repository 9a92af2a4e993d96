import type * as z from 'zod'

/** Time has come: the moment that `wakeAtMs` asked for, or a little later. */
export interface Wake {
  readonly type: 'wake'
}

/**
 * A state machine that knows no platform. A shell keeps its state and acts: it loads, steps, persists,
 * arms one alarm at `wakeAtMs` and runs the effects. An effect may be lost or run twice, since a process
 * may end at any moment: whatever must come true is asked for again until an event says that it has.
 */
export interface Machine<State, Event, Effect> {
  /** What a stored state looks like: an object, each field of which is stored by itself. */
  readonly schema: z.ZodType<State>
  /** The first state of all; also what a field is that was never stored, because an older release had none. */
  readonly initial: State
  /** Fields that are records of many entries: each entry is stored by itself. */
  readonly tables?: readonly (keyof State & string)[]
  /** Fields that are not stored: a new process begins with what `initial` says. */
  readonly volatile?: readonly (keyof State & string)[]
  /** The field that goes on with what an older release stored as its whole state. */
  readonly heir?: keyof State & string
  /** Pure. `nowMs` may jump back. What did not change is the same value as before, and is not stored again. */
  step(
    state: State,
    event: Event | Wake,
    nowMs: number,
  ): readonly [state: State, effects: readonly Effect[]]
  /** When `step` wants to see a `wake`; a time in the past means now. */
  wakeAtMs(state: State): number | undefined
}
