import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import type * as z from 'zod'
import type { OpenInput } from '../../durable/session-inputs.ts'
import { createSessionsClient } from '../../durable/session-methods.ts'
import type { Sessions } from '../../durable/sessions.ts'
import { openSessionTable } from '../../durable/session-table.ts'
import { formerShardsOf, type Sharding, shardOf } from '../../src/core/affinity/shard.ts'
import { valueOf } from './control-harness.ts'

export const HOUR = 3_600_000
export const lifetime = { ttlMs: 23 * HOUR, idleMs: HOUR }

/** The key of a session by a number. */
export function keyOf(at: number): string {
  return `k${String(at).padStart(21, '0')}`
}

export const shardStub = (shard: number) =>
  env.SESSIONS.get(env.SESSIONS.idFromName(`sessions:${shard}`))

export const shardClient = (shard: number) => createSessionsClient(env, shard, 10_000)

type Open = Partial<z.input<typeof OpenInput>>

/** Opens a session at a shard. */
export async function open(shard: number, input: Open = {}) {
  const call = { key: keyOf(1), origin: 'us-1', lifetime, ...input }
  return valueOf(await shardClient(shard).call('open', call))
}

/** Opens a session where it belongs by a count of shards. */
export async function openBy(sharding: Sharding, input: Open & { readonly key: string }) {
  const former = formerShardsOf(input.key, sharding, Date.now())
  return open(shardOf(input.key, sharding.shards), { ...input, former })
}

/** Gives a shard a table that holds so many. */
export async function shrink(shard: number, most: number): Promise<void> {
  await runInDurableObject(shardStub(shard), (object: Sessions, { storage }) => {
    // A private field, and the one place where the bound can be made small.
    Object.assign(object, { table: openSessionTable(storage.sql, most) })
  })
}
