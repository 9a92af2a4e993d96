import * as z from 'zod'
import type { Machine, Wake } from '../machine.ts'

/** How a shard of sessions is kept tidy; the sessions themselves are rows beside it. */
export const UpkeepState = z.object({
  sweepAtMs: z.number().nullable().describe('When the next session may be over.'),
  expired: z.int().min(0).describe('Sessions that ended by themselves, and were removed.'),
  evicted: z.int().min(0).describe('Sessions removed because the shard was full.'),
})
export type UpkeepState = z.output<typeof UpkeepState>

/** What happens to the sessions of a shard. */
export type UpkeepEvent =
  /** A new process took over. */
  | { readonly type: 'start'; readonly nextMs: number | undefined }
  /** Rows were written; the first of them may be over then. */
  | { readonly type: 'stored'; readonly nextMs: number; readonly evicted: number }
  | { readonly type: 'swept'; readonly expired: number; readonly nextMs: number | undefined }

/** Remove what is over. */
export interface UpkeepEffect {
  readonly type: 'sweep'
}

type Step = readonly [UpkeepState, readonly UpkeepEffect[]]

/** How far apart two sweeps are at least: until then a session that is over just stands there. */
const SWEEP_MS = 10_000

/** Wakes a shard when sessions may be over, so that what nobody uses any more goes by itself. */
export const upkeep: Machine<UpkeepState, UpkeepEvent, UpkeepEffect> = {
  schema: UpkeepState,
  initial: { sweepAtMs: null, expired: 0, evicted: 0 },
  // It follows from the rows.
  volatile: ['sweepAtMs'],
  step,
  wakeAtMs: ({ sweepAtMs }) => sweepAtMs ?? undefined,
}

function step(state: UpkeepState, event: UpkeepEvent | Wake, nowMs: number): Step {
  switch (event.type) {
    case 'start':
      return [{ ...state, sweepAtMs: toSweep(event.nextMs, nowMs) }, []]
    case 'stored':
      return [stored(state, event, nowMs), []]
    case 'wake':
      return [{ ...state, sweepAtMs: null }, [{ type: 'sweep' }]]
    case 'swept': {
      const expired = state.expired + event.expired
      return [{ ...state, expired, sweepAtMs: toSweep(event.nextMs, nowMs) }, []]
    }
  }
}

function stored(
  state: UpkeepState,
  { nextMs, evicted }: Extract<UpkeepEvent, { type: 'stored' }>,
  nowMs: number,
): UpkeepState {
  const sweepAtMs = toSweep(nextMs, nowMs)
  const isSooner = sweepAtMs !== null && (state.sweepAtMs === null || sweepAtMs < state.sweepAtMs)
  if (!isSooner && evicted === 0) return state
  const earliest = isSooner ? sweepAtMs : state.sweepAtMs
  return { ...state, sweepAtMs: earliest, evicted: state.evicted + evicted }
}

/** Rounded up, so that not every session that ends a little sooner arms the alarm anew. */
function toSweep(nextMs: number | undefined, nowMs: number): number | null {
  if (nextMs === undefined) return null
  // What is over already waits for nothing: a sweep takes so many at a time.
  if (nextMs <= nowMs) return nowMs
  return Math.ceil(nextMs / SWEEP_MS) * SWEEP_MS
}
