import type * as z from 'zod'
import type { Env } from '../src/env.ts'
import type { Grant } from '../src/state/rate/lessor.ts'
import { type Client, createClient } from './client.ts'
import type { LeaseInput } from './limiter-inputs.ts'

/** Bounds of what one object is asked at once, and of the buckets that it stores: some 100 MB. */
export const LIMITER_LIMITS = { asks: 500, buckets: 1_000_000 } as const

/**
 * How many objects the keys of global limits are spread over. Another number would be other objects: every bucket
 * would begin empty once.
 */
const SHARDS = 32

/** The methods of an object that counts for global limits. */
export interface LimiterMethods {
  /** One grant for each ask, in their order. */
  lease(input: z.input<typeof LeaseInput>): { readonly grants: readonly Grant[] }
}

/**
 * Which object counts a key. The key is a hash, and other bits of it than these tell its places in a table: the keys
 * of one object would have a part of the places only.
 */
export function limiterOf(key: number): string {
  return String(Math.floor(key / 2 ** 20) % SHARDS)
}

/** The client of one of these objects. A call that may have been heard is never made again: it would take twice. */
export function createLimiterClient(
  { LIMITER: namespace }: Pick<Env, 'LIMITER'>,
  object: string,
  timeoutMs: number,
): Client<LimiterMethods> {
  return createClient<LimiterMethods>({ namespace, object, timeoutMs, idempotent: [] })
}
