import { createSessionCache, type SessionCache, sizeOf } from './session-cache.ts'
import { createTouches, type Touches } from './session-touches.ts'

/** What came of durable sessions in this isolate, since it began. */
export interface DurableCounts {
  /** Calls that a request waited for. */
  opened: number
  /** Clients that another isolate had bound elsewhere a moment before. */
  outrun: number
  /** Calls without an answer in time; the client was placed as if nobody remembered. */
  unreachable: number
  /** Requests that did not wait since the shard had just not answered. */
  unasked: number
  /** What the objects said was otherwise than this isolate believed. */
  corrected: number
  /** Data that an origin wanted kept, and that was none. */
  refusedData: number
  /** Data that was not handed over, since there is no secret to sign it with. */
  unsigned: number
}

/** What an isolate keeps of durable sessions. */
export interface DurableMemory {
  readonly cache: SessionCache
  readonly touches: Touches
  readonly counts: DurableCounts
  /** By shard: when a call to it was last not answered. */
  readonly missedAtMs: Map<number, number>
}

/** Nothing known. */
export function createDurableMemory(): DurableMemory {
  return {
    cache: createSessionCache(),
    touches: createTouches(),
    counts: {
      opened: 0,
      outrun: 0,
      unreachable: 0,
      unasked: 0,
      corrected: 0,
      refusedData: 0,
      unsigned: 0,
    },
    missedAtMs: new Map(),
  }
}

/** What an isolate says of its durable sessions. */
export function toDurableStatus({ cache, touches, counts }: DurableMemory) {
  const { sessions: known, bytes } = sizeOf(cache)
  const { sent: batches, unanswered } = touches
  return { known, bytes, evicted: cache.evicted, ...counts, batches, unanswered }
}
