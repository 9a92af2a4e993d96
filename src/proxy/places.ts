import { createControlClient } from '../../durable/control-methods.ts'
import { type Env, SNAPSHOT_KEY } from '../env.ts'
import { openSnapshotCache } from './snapshot-cache.ts'
import { SOURCE_LIMITS, type SnapshotPlaces } from './source.ts'

/** The least that KV allows: a store that is asked at all is asked because the control object is away. */
const STORE_CACHE_SECONDS = 30

/** The places of this deployment where a snapshot may be found. */
export function placesOf(env: Env, host: string): SnapshotPlaces {
  return {
    cache: openSnapshotCache(caches, host),
    control: async (has) => {
      const called = await createControlClient(env, SOURCE_LIMITS.stepMs).call('snapshot', has)
      if (!called.ok) throw new Error(`control object: ${called.error.message}`)
      return called.value
    },
    store: () => env.SNAPSHOTS.get(SNAPSHOT_KEY, { type: 'json', cacheTtl: STORE_CACHE_SECONDS }),
  }
}
