import type { PurgeIndex } from '../core/purge.ts'
import type { CacheStanding } from '../schema/cache-report.ts'
import type { RouteCounts } from './counts.ts'
import type { Engine } from './engine.ts'
import { bytesIn } from './memory.ts'

/** How the cache of an isolate stands, for who asks. */
export function toCacheStanding(
  { memory, counts }: Pick<Engine, 'memory' | 'counts'>,
  purges: Pick<PurgeIndex, 'rows' | 'newest'> | undefined,
): CacheStanding {
  return {
    words: 'of the one isolate that answered, since it began; every isolate counts for itself',
    memory: {
      entries: memory.slots.size,
      bytes: bytesIn(memory),
      mostBytes: memory.bounds.bytes,
      evictions: memory.evictions,
    },
    routes: Object.fromEntries([...counts].map(([id, each]) => [id, toRouteCounts(each)])),
    purges: { rows: purges?.rows.length ?? 0, newest: purges?.newest ?? 0 },
  }
}

function toRouteCounts(counts: RouteCounts): CacheStanding['routes'][string] {
  const { hits, stale, revalidated, collapsed, misses } = counts
  const spared = hits.memory + hits.colo + hits.kv + hits.shield + stale + collapsed
  const lookedUp = spared + revalidated + misses
  const share = Math.round((spared / lookedUp) * 10_000) / 10_000
  return { ...counts, hits: { ...hits }, ...(lookedUp > 0 && { hitShare: share }) }
}
