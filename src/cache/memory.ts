import { hashText } from '../core/kernel/hash.ts'
import { bodyBytesOf, residentBytesOf } from './resident-bytes.ts'
import type { Resident } from './resident.ts'
import { createQueue, push, type Queue, type Slot, take } from './slot-queue.ts'

/** How much memory there is, in bytes: of all, and of one answer. */
export interface MemoryBounds {
  readonly bytes: number
  readonly objectBytes: number
}

/**
 * The answers in the memory of an isolate, bounded by bytes: S3-FIFO (Yang et al., "FIFO queues are all you need for
 * cache eviction", SOSP 2023). What comes in waits in a small queue and leaves again unless it is asked for; a hit
 * counts, and moves nothing.
 */
export interface Memory {
  bounds: MemoryBounds
  readonly slots: Map<string, Slot>
  readonly small: Queue
  readonly main: Queue
  /** Hashes of the keys that left the small queue lately: who comes back was put out too early. */
  readonly ghosts: Set<number>
  evictions: number
}

const MOST_USES = 3
const SMALL_SHARE = 0.1

/** A memory with nothing in it. */
export function createMemory(bounds: MemoryBounds): Memory {
  return {
    bounds,
    slots: new Map(),
    small: createQueue(),
    main: createQueue(),
    ghosts: new Set(),
    evictions: 0,
  }
}

/** What stands under a key, counted as a use of it. */
export function recall(memory: Memory, key: string): Resident | undefined {
  const slot = memory.slots.get(key)
  if (slot === undefined) return undefined
  if (slot.uses < MOST_USES) slot.uses += 1
  return slot.resident
}

/** The same without a trace: for those who only look. */
export function peek(memory: Memory, key: string): Resident | undefined {
  return memory.slots.get(key)?.resident
}

/** Keeps it, in the place of what stood there; false where it is larger than one may be. */
export function remember(memory: Memory, key: string, resident: Resident): boolean {
  const former = forget(memory, key)
  const bytes = residentBytesOf(key, resident)
  if (bodyBytesOf(resident) > memory.bounds.objectBytes || bytes > memory.bounds.bytes) return false
  const isProven =
    former === undefined ? memory.ghosts.delete(hashText(key)) : former.queue === memory.main
  const queue = isProven ? memory.main : memory.small
  const uses = former?.uses ?? 0
  const slot: Slot = { key, resident, bytes, uses, queue, before: undefined, after: undefined }
  memory.slots.set(key, slot)
  push(queue, slot)
  evict(memory)
  return true
}

/** Lets go of a key. */
export function forget(memory: Memory, key: string): Slot | undefined {
  const slot = memory.slots.get(key)
  if (slot === undefined) return undefined
  memory.slots.delete(key)
  take(slot)
  return slot
}

/** Bytes in use. */
export function bytesIn({ small, main }: Memory): number {
  return small.bytes + main.bytes
}

/** Everything that is kept, for those who estimate a purge. */
export function* residentsOf({ slots }: Memory): Generator<readonly [string, Resident, number]> {
  for (const [key, { resident, bytes }] of slots) yield [key, resident, bytes]
}

/** Makes room: from the small queue when it has more than its share, else from the main one. */
function evict(memory: Memory): void {
  const { small, main, bounds } = memory
  while (small.bytes + main.bytes > bounds.bytes) {
    const isSmall = small.bytes > bounds.bytes * SMALL_SHARE || main.first === undefined
    const slot = (isSmall ? small : main).first
    if (slot === undefined) return
    take(slot)
    if (isSmall) leaveSmall(memory, slot)
    else leaveMain(memory, slot)
  }
}

/** Whoever was asked for while it waited has proven itself. */
function leaveSmall(memory: Memory, slot: Slot): void {
  if (slot.uses > 0) {
    slot.uses = 0
    push(memory.main, slot)
    return
  }
  drop(memory, slot)
  haunt(memory, slot.key)
}

/** Spared once for each use. */
function leaveMain(memory: Memory, slot: Slot): void {
  if (slot.uses === 0) {
    drop(memory, slot)
    return
  }
  slot.uses -= 1
  push(memory.main, slot)
}

function drop(memory: Memory, slot: Slot): void {
  memory.slots.delete(slot.key)
  memory.evictions += 1
}

/** As many ghosts as there are entries, and a few where there are hardly any. */
function haunt({ ghosts, slots }: Memory, key: string): void {
  ghosts.add(hashText(key))
  const most = Math.max(64, slots.size)
  for (const oldest of ghosts) {
    if (ghosts.size <= most) return
    ghosts.delete(oldest)
  }
}
