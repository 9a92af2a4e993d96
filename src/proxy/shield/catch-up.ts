import type { Snapshot } from '../../core/snapshot.ts'
import { firstSnapshot, isRefreshDue, refresh, SOURCE_LIMITS } from '../source.ts'
import type { SnapshotPlaces, SnapshotSource } from '../source.ts'

/** What must be true of a snapshot before it is gone by. */
export type Condition = (snapshot: Snapshot) => boolean

/** How a shield keeps its snapshot. */
export interface CatchUp {
  readonly places: SnapshotPlaces
  /** What is looked for behind the answer. */
  later(this: void, work: Promise<void>): void
}

/**
 * The snapshot, if it is as new as it must be, or is when it has been looked for: at the control object itself, since
 * what the data centre remembers may be seconds old. Each look takes three seconds at most; others meanwhile wait for it.
 */
export async function snapshotFor(
  source: SnapshotSource,
  isNewEnough: Condition,
  { places, later }: CatchUp,
): Promise<Snapshot | undefined> {
  if (source.snapshot === undefined) await firstSnapshot(source, () => refresh(source, places))
  else if (isRefreshDue(source, Date.now())) later(refresh(source, places))
  const { snapshot } = source
  if (snapshot === undefined || isNewEnough(snapshot)) return snapshot
  await busyOver(source)
  const seen = source.snapshot
  if (seen !== undefined && !isNewEnough(seen)) await refresh(source, pastMemory(places))
  return source.snapshot !== undefined && isNewEnough(source.snapshot) ? source.snapshot : undefined
}

/** Whoever looks for it already may bring it. */
async function busyOver(source: SnapshotSource): Promise<void> {
  for (let waitedMs = 0; waitedMs < SOURCE_LIMITS.stepMs; waitedMs += SOURCE_LIMITS.pollMs) {
    if (source.busySinceMs === 0) return
    await scheduler.wait(SOURCE_LIMITS.pollMs)
  }
}

/** Without what the data centre remembers; it is told of the news all the same. */
function pastMemory({ cache, ...places }: SnapshotPlaces): SnapshotPlaces {
  return { ...places, cache: { ...cache, head: async () => undefined } }
}
