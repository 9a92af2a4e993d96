import type { ShieldAsk } from '../../cache/shield-ask.ts'
import type { Snapshot } from '../../core/snapshot.ts'
import { supersedes } from '../news.ts'
import { firstSnapshot, isRefreshDue, refresh, SOURCE_LIMITS } from '../source.ts'
import type { SnapshotPlaces, SnapshotSource } from '../source.ts'

/** What the edge that asks goes by. */
export type Known = Pick<ShieldAsk, 'form' | 'purge' | 'generation' | 'publishedAtMs'>

/** How a shield keeps its snapshot. */
export interface CatchUp {
  readonly places: SnapshotPlaces
  /** What is looked for behind the answer. */
  later(this: void, work: Promise<void>): void
}

/**
 * The snapshot, if it has the configuration and the purges that an edge knows. One that is older is looked for first, at
 * the control object itself, since what the data centre remembers may be seconds old: once for all who wait for it.
 */
export async function snapshotFor(
  source: SnapshotSource,
  known: Known,
  { places, later }: CatchUp,
): Promise<Snapshot | undefined> {
  const askedAtMs = Date.now()
  if (source.snapshot === undefined) await firstSnapshot(source, () => refresh(source, places))
  else if (isRefreshDue(source, askedAtMs)) later(refresh(source, places))
  if (isOlder(source, known)) await busyOver(source)
  const wasAsked = (askedControlAtMs.get(source) ?? 0) > askedAtMs
  if (isOlder(source, known) && !wasAsked) {
    askedControlAtMs.set(source, Date.now())
    await refresh(source, pastMemory(places))
  }
  const { snapshot } = source
  return snapshot && knowsAll(snapshot, known) ? snapshot : undefined
}

/** When the control object was asked last: whoever came before that has been asked for as well. */
const askedControlAtMs = new WeakMap<SnapshotSource, number>()

function knowsAll({ form, purges }: Snapshot, known: Known): boolean {
  return form === known.form && purges.newest >= known.purge
}

/** Whether it lacks something that a look may bring. An edge that is behind itself finds its own way for a while. */
function isOlder({ snapshot }: SnapshotSource, known: Known): boolean {
  return snapshot !== undefined && !knowsAll(snapshot, known) && supersedes(known, snapshot)
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
