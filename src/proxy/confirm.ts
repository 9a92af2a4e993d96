import { SOURCE_LIMITS, type SnapshotSource } from './source.ts'

/** How long a request waits for a look. In a busy isolate there is one every 1.5 s, and nobody waits. */
export const CONFIRM_LIMITS = { waitMs: 500 } as const

/** Whether so much time has gone by since a look ended that a purge may have been missed. */
export function isUnconfirmed(
  { lookedAtMs }: SnapshotSource,
  { nowMs, afterMs }: { readonly nowMs: number; readonly afterMs: number },
): boolean {
  // Distance, not order: the clock may jump back.
  return Math.abs(nowMs - lookedAtMs) >= afterMs
}

/**
 * Waits for the look that is under way. Polls, since a promise of another request must not be waited for in this
 * runtime. If no place answers in time, what is known has to do.
 */
export async function confirm(source: SnapshotSource): Promise<void> {
  const { lookedAtMs: before } = source
  for (let waitedMs = 0; waitedMs < CONFIRM_LIMITS.waitMs; waitedMs += SOURCE_LIMITS.pollMs) {
    if (source.lookedAtMs !== before || source.busySinceMs === 0) return
    await scheduler.wait(SOURCE_LIMITS.pollMs)
  }
}
