import type { Resident } from './resident.ts'

/** What memory has under a key, and where it stands in line. */
export interface Slot {
  readonly key: string
  readonly resident: Resident
  readonly bytes: number
  /** Hits since it came or was last spared, counted to 3. */
  uses: number
  queue: Queue
  before: Slot | undefined
  after: Slot | undefined
}

/** First in, first out, as a chain: what is replaced leaves from its middle. */
export interface Queue {
  first: Slot | undefined
  last: Slot | undefined
  bytes: number
}

/** An empty one. */
export function createQueue(): Queue {
  return { first: undefined, last: undefined, bytes: 0 }
}

/** To the end of a queue. */
export function push(queue: Queue, slot: Slot): void {
  slot.queue = queue
  slot.before = queue.last
  slot.after = undefined
  if (queue.last === undefined) queue.first = slot
  else queue.last.after = slot
  queue.last = slot
  queue.bytes += slot.bytes
}

/** Out of its queue. */
export function take(slot: Slot): void {
  const { queue, before, after } = slot
  if (before === undefined) queue.first = after
  else before.after = after
  if (after === undefined) queue.last = before
  else after.before = before
  queue.bytes -= slot.bytes
}
