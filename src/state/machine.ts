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
  /** What a stored state looks like. */
  readonly schema: z.ZodType<State>
  readonly initial: State
  /** Pure. `nowMs` may jump back. */
  step(
    state: State,
    event: Event | Wake,
    nowMs: number,
  ): readonly [state: State, effects: readonly Effect[]]
  /** When `step` wants to see a `wake`; a time in the past means now. */
  wakeAtMs(state: State): number | undefined
}
