import { compile } from '../core/compile.ts'
import type { Snapshot } from '../core/snapshot.ts'
import { completeConfig } from '../schema/complete-config.ts'
import type { Config } from '../schema/config.ts'
import type { SnapshotNews } from '../schema/snapshot.ts'
import type { SnapshotHead } from './snapshot-cache.ts'

/** The snapshot that is decided from, and what it was compiled from: the next one may come without it. */
export interface Holding {
  snapshot: Snapshot | undefined
  config: Config | undefined
}

/** Makes news the snapshot if they are newer. Anything else changes nothing, and is false. */
export function takeNews(holding: Holding, news: SnapshotNews | undefined): boolean {
  const { snapshot } = holding
  if (news === undefined || (snapshot && !supersedes(news, snapshot))) return false
  // Of equal forms one is kept: it is the largest thing that an isolate holds.
  const config =
    snapshot?.form === news.form ? holding.config : news.config && completeConfig(news.config)
  if (config === undefined) return false
  holding.snapshot = compile({ ...news, config }, snapshot)
  holding.config = config
  return true
}

type Publication = Pick<SnapshotHead, 'generation' | 'publishedAtMs'>

/** Publications further apart than clocks may be are told apart by time. */
const CLOCK_SKEW_MS = 60_000

/**
 * Whether a publication is newer than another. Generations rise; only a control object that has lost its
 * storage counts from the start again, and what it publishes then is known by being much later.
 */
export function supersedes(one: Publication, other: Publication): boolean {
  const apartMs = one.publishedAtMs - other.publishedAtMs
  if (Math.abs(apartMs) > CLOCK_SKEW_MS) return apartMs > 0
  return one.generation > other.generation
}
