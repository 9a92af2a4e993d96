import type { Snapshot } from '../core/snapshot.ts'
import { parseSnapshotNews, type SnapshotNews } from '../schema/snapshot.ts'
import { type Holding, supersedes, takeNews } from './news.ts'
import type { SnapshotCache } from './snapshot-cache.ts'
import { within } from './within.ts'

/**
 * How fresh an isolate keeps its snapshot, and how long it waits for each place to answer. Two looks are as
 * long as the data centre believes its head: the only isolate of one sees a change within 3 s, and none later
 * than 4.5 s.
 */
export const SOURCE_LIMITS = { refreshMs: 1500, stepMs: 1000, lostMs: 10_000, pollMs: 10 } as const

/** Where a snapshot may be found. Each may be slow, wrong or away. */
export interface SnapshotPlaces {
  readonly cache: SnapshotCache
  /**
   * The control object: what is newer than this generation, without the configuration if that has this form;
   * `null` when nothing is.
   */
  control(has: { readonly after: number; readonly form: string }): Promise<unknown>
  /** What was last published, as far as this place can see. */
  store(): Promise<unknown>
}

/** The snapshot of this isolate, and what it took to have it. */
export interface SnapshotSource extends Holding {
  refreshedAtMs: number
  /** When the last look began that is over. */
  lookedAtMs: number
  /** When the refresh that is under way began; 0 when none is. */
  busySinceMs: number
  cacheReads: number
  /** Of the control object alone: reports, sessions and limits count their own calls. */
  controlCalls: number
  storeReads: number
  refreshes: number
  failures: number
  lastFailure: string
}

/** A source that has nothing yet. */
export function createSource(): SnapshotSource {
  return {
    snapshot: undefined,
    config: undefined,
    refreshedAtMs: 0,
    lookedAtMs: 0,
    busySinceMs: 0,
    cacheReads: 0,
    controlCalls: 0,
    storeReads: 0,
    refreshes: 0,
    failures: 0,
    lastFailure: '',
  }
}

/** Whether it is time for someone to look for a newer snapshot. */
export function isRefreshDue(source: SnapshotSource, nowMs: number): boolean {
  const { refreshedAtMs, busySinceMs } = source
  // Whoever was at it may have been stopped in the middle. Distances, not order: the clock may jump back.
  const isBusy = busySinceMs !== 0 && Math.abs(nowMs - busySinceMs) < SOURCE_LIMITS.lostMs
  return !isBusy && Math.abs(nowMs - refreshedAtMs) >= SOURCE_LIMITS.refreshMs
}

/**
 * Looks for a newer snapshot: data centre cache, control object, store, and leaves the last good one where
 * it is when none answers. Never rejects.
 */
export async function refresh(source: SnapshotSource, places: SnapshotPlaces): Promise<void> {
  source.busySinceMs = Date.now()
  source.refreshedAtMs = source.busySinceMs
  source.refreshes += 1
  try {
    for (const look of [lookInCache, askControl, lookInStore]) {
      // In turn: each place is asked only when the one before it has no answer.
      if (await tried(source, look(source, places))) return
    }
  } finally {
    // Also when it found nobody: what is known has to do, and nobody waits for the same again at once.
    source.lookedAtMs = Date.now()
    source.busySinceMs = 0
  }
}

/**
 * Waits for the first snapshot of the isolate. One request looks for it and the others look on: they poll,
 * since a promise of another request must not be waited for in this runtime.
 */
export async function firstSnapshot(
  source: SnapshotSource,
  load: () => Promise<void>,
): Promise<Snapshot | undefined> {
  if (source.busySinceMs === 0 || hasLost(source)) await load()
  else await lookOn(source)
  return source.snapshot
}

async function lookOn(source: SnapshotSource): Promise<void> {
  while (source.snapshot === undefined && source.busySinceMs !== 0 && !hasLost(source)) {
    await scheduler.wait(SOURCE_LIMITS.pollMs)
  }
}

function hasLost({ busySinceMs }: SnapshotSource): boolean {
  return Math.abs(Date.now() - busySinceMs) >= SOURCE_LIMITS.lostMs
}

async function tried(source: SnapshotSource, look: Promise<boolean>): Promise<boolean> {
  try {
    return await look
  } catch (error) {
    source.failures += 1
    source.lastFailure = error instanceof Error ? error.message : String(error)
    return false
  }
}

async function lookInCache(source: SnapshotSource, { cache }: SnapshotPlaces): Promise<boolean> {
  const read = <Value>(part: Promise<Value>): Promise<Value> => {
    source.cacheReads += 1
    return within(SOURCE_LIMITS.stepMs, part)
  }
  const head = await read(cache.head())
  if (head === undefined) return false
  const { snapshot } = source
  if (snapshot && !supersedes(head, snapshot)) return true
  const update = parseSnapshotNews(await read(cache.update(head)))
  if (update === undefined) return false
  if (update.form === snapshot?.form) return takeNews(source, update)
  const config = await read(cache.config(update.form))
  return takeNews(source, parseSnapshotNews({ ...update, config }))
}

async function askControl(source: SnapshotSource, places: SnapshotPlaces): Promise<boolean> {
  source.controlCalls += 1
  const { generation: after = -1, form = '' } = source.snapshot ?? {}
  const answer = await within(SOURCE_LIMITS.stepMs, places.control({ after, form }))
  const news = answer === null ? undefined : parseSnapshotNews(answer)
  if (answer !== null && !takeNews(source, news)) return false
  await handOn(source, places, news)
  // A control object without any revision may have lost them: the store may still know the last.
  return source.snapshot !== undefined
}

async function lookInStore(source: SnapshotSource, places: SnapshotPlaces): Promise<boolean> {
  source.storeReads += 1
  const news = parseSnapshotNews(await within(SOURCE_LIMITS.stepMs, places.store()))
  await handOn(source, places, takeNews(source, news) ? news : undefined)
  return true
}

/**
 * Tells the other isolates of the data centre, so that they do not ask the same again at once. That it does
 * not work everywhere is no failure of the look that found the news.
 */
async function handOn(
  source: SnapshotSource,
  { cache }: SnapshotPlaces,
  news: SnapshotNews | undefined,
): Promise<void> {
  const { snapshot } = source
  if (snapshot === undefined) return
  const { generation, publishedAtMs, form } = snapshot
  const keep = async (): Promise<boolean> => {
    if (news) {
      const { config, ...update } = news
      if (config) await cache.keepConfig(form, config)
      await cache.keepUpdate(update)
    }
    await cache.keepHead({ generation, publishedAtMs, form })
    return true
  }
  await tried(source, within(SOURCE_LIMITS.stepMs, keep()))
}
