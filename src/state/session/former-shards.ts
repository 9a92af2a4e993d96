import type { Config } from '../../schema/config.ts'
import type { FormerShards } from '../../schema/snapshot.ts'

/** So many changes of the number of shards are remembered at a time. */
const MOST = 8

/** One configuration after another. */
export interface ShardChange {
  readonly before: Config | undefined
  readonly after: Config
}

/**
 * The counts of shards under which sessions may still stand, the latest last: each until the longest ttl that a route
 * had then has gone by. The same list when nothing changes.
 */
export function keepFormerShards(
  former: readonly FormerShards[],
  { before, after }: ShardChange,
  nowMs: number,
): readonly FormerShards[] {
  const { shards } = after.settings.sessions
  const was = before?.settings.sessions.shards ?? shards
  const ttlMs = before === undefined ? 0 : longestTtlMs(before)
  const left = was === shards || ttlMs === 0 ? [] : [{ shards: was, untilMs: nowMs + ttlMs }]
  const kept = former.filter((each) => {
    return each.untilMs > nowMs && each.shards !== shards && each.shards !== left[0]?.shards
  })
  const isSame = left.length === 0 && kept.length === former.length
  return isSame ? former : [...kept, ...left].slice(-MOST)
}

function longestTtlMs({ routes }: Config): number {
  return Object.values(routes).reduce((longest, { affinity }) => {
    return affinity?.store === 'durable' ? Math.max(longest, affinity.ttl) : longest
  }, 0)
}
