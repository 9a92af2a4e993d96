import * as z from 'zod'
import type { SnapshotDocument } from '../schema/snapshot.ts'

/** Which document is the newest: enough to know whether the one at hand still is. */
export const SnapshotHead = z.object({ generation: z.int(), publishedAtMs: z.number() })
export type SnapshotHead = z.output<typeof SnapshotHead>

/**
 * The snapshot as the isolates of one data centre hand it to each other: a small head that is believed for
 * a few seconds, and the document it names, which is read only by those who have an older one.
 */
export interface SnapshotCache {
  head(): Promise<SnapshotHead | undefined>
  document(head: SnapshotHead): Promise<unknown>
  /** Says that this document is the newest, for the next few seconds. */
  keepHead(head: SnapshotHead): Promise<void>
  keepDocument(document: SnapshotDocument): Promise<void>
}

/** How long a head is believed. */
const HEAD_SECONDS = 5

/** A document never changes under its name; an hour spares cold isolates the way to the control object. */
const DOCUMENT_SECONDS = 3600

const NAME = 'portolan'

/**
 * The cache of this data centre. `host` is one that this Worker serves: a name of its own, so that no key
 * needs a DNS look-up (Workers documentation, "How the Cache works").
 */
export function openSnapshotCache(storage: CacheStorage, host: string): SnapshotCache {
  const headKey = `https://${host}/portolan-snapshot/head`
  const documentKey = ({ generation, publishedAtMs }: SnapshotHead) =>
    `https://${host}/portolan-snapshot/${generation}-${publishedAtMs}`
  const read = async (key: string): Promise<unknown> => {
    const cache = await storage.open(NAME)
    const kept = await cache.match(key)
    return kept?.json()
  }
  const keep = async (key: string, value: unknown, seconds: number): Promise<void> => {
    const cache = await storage.open(NAME)
    const headers = { 'cache-control': `public, max-age=${seconds}` }
    await cache.put(key, Response.json(value, { headers }))
  }
  return {
    head: async () => SnapshotHead.safeParse(await read(headKey)).data,
    document: (head) => read(documentKey(head)),
    keepHead: (head) => keep(headKey, head, HEAD_SECONDS),
    keepDocument: (document) => keep(documentKey(document), document, DOCUMENT_SECONDS),
  }
}
