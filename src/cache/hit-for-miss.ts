import type { Detail } from './policy/cache-status.ts'

/** How long a key counts as one whose answers are not kept; how many are remembered, and up to which length. */
const MARKS = { lifeMs: 60_000, most: 10_000, keyLength: 512 } as const

/**
 * Keys whose answers are not kept, with when that is forgotten: their requests do not wait for one another, and look
 * nowhere but in memory. All live equally long, so that the first is the oldest.
 */
export type HitForMiss = Map<string, Mark>

interface Mark {
  readonly untilMs: number
  readonly why: Detail
}

/**
 * Under which key it is remembered that answers to requests with a credential are not kept: those without may well be.
 * No key and no variant of one has a line that begins so.
 */
export function toCredentialKey(key: string, credential: 'authorization' | 'cookie'): string {
  return `${key}\nwith ${credential}`
}

/** None yet. */
export function createHitForMiss(): HitForMiss {
  return new Map()
}

/** Remembers that the answers of a key are not kept. Very long keys are not worth the memory. */
export function mark(
  marks: HitForMiss,
  key: string,
  { why, nowMs }: { readonly why: Detail; readonly nowMs: number },
): void {
  if (key.length > MARKS.keyLength) return
  marks.delete(key)
  marks.set(key, { untilMs: nowMs + MARKS.lifeMs, why })
  for (const [oldest, { untilMs }] of marks) {
    if (untilMs > nowMs && marks.size <= MARKS.most) return
    marks.delete(oldest)
  }
}

/** Takes it back: an answer was kept after all. */
export function unmark(marks: HitForMiss, key: string): void {
  if (marks.size > 0) marks.delete(key)
}

/** Whether the answers of a key are known not to be kept, and why. */
export function markOn(marks: HitForMiss, key: string, nowMs: number): Detail | undefined {
  const known = marks.get(key)
  if (known === undefined) return undefined
  const leftMs = known.untilMs - nowMs
  // A distance as well: the clock may jump back.
  return leftMs > 0 && leftMs <= MARKS.lifeMs ? known.why : undefined
}
