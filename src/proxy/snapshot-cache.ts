import * as z from 'zod'
import type { Config } from '../schema/config.ts'
import type { SnapshotUpdate } from '../schema/snapshot.ts'

/** Which snapshot is the newest: enough to know whether the one at hand still is. */
export const SnapshotHead = z.object({
  generation: z.int(),
  publishedAtMs: z.number(),
  form: z.string(),
})
export type SnapshotHead = z.output<typeof SnapshotHead>

/**
 * The snapshot as the isolates of one data centre hand it to each other, in three parts: a head that is
 * believed for a few seconds, the conditions of a generation, and the configuration. A change of health moves
 * the first two, which are small; the third is read once by those who have another form of it.
 */
export interface SnapshotCache {
  head(): Promise<SnapshotHead | undefined>
  update(head: SnapshotHead): Promise<unknown>
  config(form: string): Promise<unknown>
  /** Says that this snapshot is the newest, for the next few seconds. */
  keepHead(head: SnapshotHead): Promise<void>
  keepUpdate(update: SnapshotUpdate): Promise<void>
  keepConfig(form: string, config: Config): Promise<void>
}

/** How long a head is believed: with the memory of an isolate, a change is everywhere within 4.5 s. */
const HEAD_SECONDS = 3

/** The other parts never change under their names; an hour spares cold isolates the way to the control object. */
const PART_SECONDS = 3600

const NAME = 'portolan'

/**
 * The cache of this data centre. `host` is one that this Worker serves: a name of its own, so that no key
 * needs a DNS look-up (Workers documentation, "How the Cache works").
 */
export function openSnapshotCache(storage: CacheStorage, host: string): SnapshotCache {
  const keyOf = (...parts: readonly (string | number)[]) =>
    `https://${host}/portolan-snapshot/${parts.map(encodeURIComponent).join('/')}`
  const headKey = keyOf('head')
  const updateKey = ({ generation, publishedAtMs }: Omit<SnapshotHead, 'form'>) =>
    keyOf('update', generation, publishedAtMs)
  const configKey = (form: string) => keyOf('config', form)
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
    update: (head) => read(updateKey(head)),
    config: (form) => read(configKey(form)),
    keepHead: (head) => keep(headKey, head, HEAD_SECONDS),
    keepUpdate: (update) => keep(updateKey(update), update, PART_SECONDS),
    keepConfig: (form, config) => keep(configKey(form), config, PART_SECONDS),
  }
}
