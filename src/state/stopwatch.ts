import * as z from 'zod'

/**
 * Time that has passed, counted from one look at the clock to the next. A look credits at most a stride, and a
 * clock that went back credits nothing: whatever jumps the clock makes, a wait is neither skipped nor endless.
 * What keeps a stopwatch has to look at it once in a `tickMs`.
 */
export const Stopwatch = z.object({
  ms: z.number().min(0).describe('Credited so far.'),
  atMs: z.number().describe('The last look.'),
})
export type Stopwatch = z.output<typeof Stopwatch>

const TICK = { parts: 4, leastMs: 250, mostMs: 10_000 } as const
const STRIDE = { parts: 2, leastMs: 500, mostMs: 60_000 } as const

/** Nothing has passed yet. */
export function startStopwatch(nowMs: number): Stopwatch {
  return { ms: 0, atMs: nowMs }
}

/** Looks at the clock, while `waitMs` are waited for in all. */
export function lookAt({ ms, atMs }: Stopwatch, waitMs: number, nowMs: number): Stopwatch {
  const strideMs = part(waitMs, STRIDE)
  return { ms: ms + Math.min(strideMs, Math.max(0, nowMs - atMs)), atMs: nowMs }
}

/** How long after a look the next one is due, at the latest, while `waitMs` are waited for in all. */
export function tickMs(waitMs: number): number {
  return part(waitMs, TICK)
}

interface Part {
  readonly parts: number
  readonly leastMs: number
  readonly mostMs: number
}

function part(waitMs: number, { parts, leastMs, mostMs }: Part): number {
  return Math.min(mostMs, Math.max(leastMs, waitMs / parts))
}
