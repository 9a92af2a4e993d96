import { combine, hashText } from '../kernel/hash.ts'
import type { FormerShards } from '../../schema/snapshot.ts'

/** How the sessions of a deployment are spread: over so many shards now, and over others before. */
export interface Sharding {
  readonly shards: number
  readonly former: readonly FormerShards[]
}

/**
 * The shard of a key, by rendezvous: of two counts the smaller one's shards keep what they have, and only what
 * belongs to a shard that was added or taken away moves.
 */
export function shardOf(key: string, shards: number): number {
  const hash = hashText(key)
  let best = 0
  let most = -1
  for (let shard = 0; shard < shards; shard += 1) {
    const score = combine(hash, shard)
    if (score > most) {
      most = score
      best = shard
    }
  }
  return best
}

/** Where a key may still stand from before, the latest first; none of them its shard of now. */
export function formerShardsOf(key: string, { shards, former }: Sharding, nowMs: number): number[] {
  const own = shardOf(key, shards)
  const places = former
    .filter(({ untilMs }) => untilMs > nowMs)
    .map((each) => shardOf(key, each.shards))
    .toReversed()
  return [...new Set(places)].filter((shard) => shard !== own)
}
