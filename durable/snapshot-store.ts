import * as z from 'zod'
import { SNAPSHOT_KEY } from '../src/env.ts'
import type { PurgeRow } from '../src/schema/cache-purge.ts'
import type { SnapshotDocument } from '../src/schema/snapshot.ts'
import { Purges } from '../src/state/purge/state.ts'
import type { Standing } from '../src/state/revision/revision.ts'

/** A value in KV is at most 25 MiB (Workers KV limits). */
export const SNAPSHOT_MAX_BYTES = 26_214_400

/** How long one read or write of the store may take. Shorter than the lease of an attempt to publish. */
const STORE_TIMEOUT_MS = 5000

const Published = z.looseObject({ purges: Purges.shape.rows.default([]) })
const Metadata = z.object({ revision: z.int(), generation: z.int() })

/** Puts the document where every edge finds it. Throws when the store does not take it in time. */
export async function publishSnapshot(
  store: KVNamespace,
  document: SnapshotDocument,
): Promise<void> {
  const { revision, generation } = document
  const metadata = { revision, generation }
  await inTime(store.put(SNAPSHOT_KEY, JSON.stringify(document), { metadata }))
}

/** What stands in the store, as far as this place can see; zeros when nothing does. */
export async function readStanding(store: KVNamespace): Promise<Standing> {
  const { value, metadata } = await inTime(store.getWithMetadata(SNAPSHOT_KEY, 'stream'))
  // Only the numbers beside the document are wanted, not its megabytes.
  await value?.cancel()
  const parsed = Metadata.safeParse(metadata)
  return parsed.success ? parsed.data : { revision: 0, generation: 0 }
}

/**
 * What stands in the store for a control object that has nothing itself: one that is new, or has lost its storage.
 * What was purged must not come back by that.
 */
export async function readRemains(
  store: KVNamespace,
): Promise<{ readonly standing: Standing; readonly purges: readonly PurgeRow[] }> {
  const { value, metadata } = await inTime(store.getWithMetadata(SNAPSHOT_KEY, 'json'))
  const standing = Metadata.safeParse(metadata)
  const published = Published.safeParse(value)
  return {
    standing: standing.success ? standing.data : { revision: 0, generation: 0 },
    purges: published.success ? published.data.purges : [],
  }
}

async function inTime<Value>(work: Promise<Value>): Promise<Value> {
  let timer: ReturnType<typeof setTimeout> | null = null
  const expired = new Promise<never>((_, reject) => {
    const give = () => reject(new Error(`the store did not answer within ${STORE_TIMEOUT_MS} ms`))
    timer = setTimeout(give, STORE_TIMEOUT_MS)
  })
  try {
    return await Promise.race([work, expired])
  } finally {
    clearTimeout(timer)
  }
}
