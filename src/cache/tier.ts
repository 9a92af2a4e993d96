import type { Stored, Variants } from './policy/stored.ts'

/** What stands under one name in a tier: an answer, or which headers its answers vary by. */
export type Kept =
  | { readonly type: 'answer'; readonly head: Stored; readonly body: KeptBody }
  | { readonly type: 'variants'; readonly head: Variants }

/**
 * Bytes as the origin sent them, encoded as it encoded them. `null`: an answer without a body. A stream whose head says how
 * long it is ends with an error where it is not (`FixedLengthStream`, a body of the platform).
 */
export type KeptBody = ArrayBuffer | ReadableStream<Uint8Array> | null

/**
 * A place beyond the isolate that keeps answers. Names are digests of keys. Every call may be slow, fail or find
 * nothing: whoever calls bounds the time and goes on without it. A tier never gives out what is not whole.
 */
export interface Tier {
  readonly id: 'colo' | 'kv'
  get(name: string): Promise<Kept | undefined>
  /** Keeps it for `keepMs`. Resolves when it is stored; a body that breaks off is not. */
  put(name: string, kept: Kept, keepMs: number): Promise<void>
  delete(name: string): Promise<void>
}
