import { describe, expect, it } from 'vitest'
import { formerShardsOf, shardOf } from '../../../src/core/affinity/shard.ts'

const keys = Array.from({ length: 20_000 }, (_, at) => `key-${at}`)

describe('the shard of a session', () => {
  it.each([1, 3, 8, 100])('is each of %d for as many keys, within five deviations', (shards) => {
    const counts = Array.from({ length: shards }, () => 0)
    for (const key of keys) {
      const shard = shardOf(key, shards)
      counts[shard] = (counts[shard] ?? 0) + 1
    }
    const mean = keys.length / shards
    for (const count of counts) expect(Math.abs(count - mean)).toBeLessThanOrEqual(5 * mean ** 0.5)
  })

  it('stays where it was unless its shard is a new one, or is gone', () => {
    for (const key of keys.slice(0, 2000)) {
      const [four, sixteen] = [shardOf(key, 4), shardOf(key, 16)]
      expect(sixteen === four || sixteen >= 4).toBe(true)
    }
  })

  it('was elsewhere under former counts: the latest first, each once, and never where it is', () => {
    const former = [
      { shards: 4, untilMs: 10 },
      { shards: 16, untilMs: 20 },
    ]
    for (const key of keys.slice(0, 2000)) {
      const [three, four, sixteen] = [3, 4, 16].map((shards) => shardOf(key, shards))
      const expected = [sixteen, four].filter((shard) => shard !== three)
      expect(formerShardsOf(key, { shards: 3, former }, 5)).toEqual([...new Set(expected)])
      const late = [sixteen].filter((shard) => shard !== three)
      expect(formerShardsOf(key, { shards: 3, former }, 10)).toEqual(late)
    }
    expect(formerShardsOf('key', { shards: 3, former }, 20)).toEqual([])
  })
})
