/** How long a key counts as one whose answers are not kept, and how many are remembered as such. */
const MARKS = { lifeMs: 60_000, most: 10_000 } as const

/**
 * Keys whose answers are not kept, with when that is forgotten: their requests do not wait for one another, and look
 * nowhere but in memory. All live equally long, so that the first is the oldest.
 */
export type HitForMiss = Map<string, number>

/** None yet. */
export function createHitForMiss(): HitForMiss {
  return new Map()
}

/** Remembers that the answers of a key are not kept. */
export function mark(marks: HitForMiss, key: string, nowMs: number): void {
  marks.delete(key)
  marks.set(key, nowMs + MARKS.lifeMs)
  for (const [oldest, untilMs] of marks) {
    if (untilMs > nowMs && marks.size <= MARKS.most) return
    marks.delete(oldest)
  }
}

/** Takes it back: an answer was kept after all. */
export function unmark(marks: HitForMiss, key: string): void {
  if (marks.size > 0) marks.delete(key)
}

/** Whether the answers of a key are known not to be kept. */
export function isMarked(marks: HitForMiss, key: string, nowMs: number): boolean {
  const untilMs = marks.get(key)
  return untilMs !== undefined && nowMs < untilMs
}
