import * as z from 'zod'
import type { Machine, Wake } from '../machine.ts'

/** How the buckets that an object has stored are kept few; the buckets themselves are rows beside it. */
export const BucketUpkeep = z.object({
  sweepAtMs: z.number().nullable().describe('When to look for buckets that are empty by then.'),
})
export type BucketUpkeep = z.output<typeof BucketUpkeep>

/** What happens to stored buckets: `emptyAtMs` is when the first of them is empty, where there is any. */
export type BucketEvent =
  /** A new process took over. */
  | { readonly type: 'start'; readonly emptyAtMs: number | undefined }
  | { readonly type: 'stored'; readonly emptyAtMs: number }
  | { readonly type: 'swept'; readonly emptyAtMs: number | undefined }

/** Remove what is empty. */
export interface BucketEffect {
  readonly type: 'sweep'
}

/** How far apart two sweeps are at least: until then an empty bucket just stands there. */
const SWEEP_MS = 600_000

/** And at most: a burst of millions may take longer to come back than any alarm may wait. */
const LATEST_MS = 86_400_000

/** Wakes an object when some of its buckets are empty, and it need not remember them any more. */
export const bucketUpkeep: Machine<BucketUpkeep, BucketEvent, BucketEffect> = {
  schema: BucketUpkeep,
  initial: { sweepAtMs: null },
  // It follows from the rows.
  volatile: ['sweepAtMs'],
  step,
  wakeAtMs: ({ sweepAtMs }) => sweepAtMs ?? undefined,
}

function step(
  state: BucketUpkeep,
  event: BucketEvent | Wake,
  nowMs: number,
): readonly [BucketUpkeep, readonly BucketEffect[]] {
  switch (event.type) {
    case 'wake':
      return [{ sweepAtMs: null }, [{ type: 'sweep' }]]
    case 'stored': {
      const { sweepAtMs } = state
      const atMs = toSweep(event.emptyAtMs, nowMs)
      return [sweepAtMs === null || atMs < sweepAtMs ? { sweepAtMs: atMs } : state, []]
    }
    case 'start':
    case 'swept':
      return [
        { sweepAtMs: event.emptyAtMs === undefined ? null : toSweep(event.emptyAtMs, nowMs) },
        [],
      ]
  }
}

/** Rounded up, so that not every bucket arms the alarm anew; at once for those that a sweep has left. */
function toSweep(emptyAtMs: number, nowMs: number): number {
  if (emptyAtMs <= nowMs) return nowMs
  return Math.ceil(Math.min(emptyAtMs, nowMs + LATEST_MS) / SWEEP_MS) * SWEEP_MS
}
