import { constants, setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { live } from './run.ts'

/** Which seeds a worker lives through: whatever is next below `end`, until all workers together have lived them all. */
export interface Seeds {
  /** One number, the seed that is next; all workers share it, so that none of them is done long before another. */
  readonly next: Int32Array<SharedArrayBuffer>
  readonly end: number
}

/** What came of them: of those that broke a law, what they say of it. */
export interface Lives {
  readonly lived: number
  readonly simulatedMs: number
  readonly broken: readonly string[]
}

/** More than so many say nothing new. */
const MOST_BROKEN = 5

// It takes what the other tests leave of the machine: they wait for each other, this one only counts. On Linux the
// priority is this thread's alone.
setPriority(constants.priority.PRIORITY_LOW)

// What started this worker gave it these.
const { next, end } = workerData as Seeds
const broken: string[] = []
let lived = 0
let simulatedMs = 0
while (broken.length < MOST_BROKEN) {
  const seed = Atomics.add(next, 0, 1)
  if (seed >= end) break
  lived += 1
  try {
    simulatedMs += live(seed).simulatedMs
  } catch (error) {
    const again = `again: SEED=${seed} npx vitest run --project sim`
    broken.push(`${error instanceof Error ? error.message : String(error)}\n  ${again}`)
  }
}
const lives: Lives = { lived, simulatedMs, broken }
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is of windows; a thread has no origin.
parentPort?.postMessage(lives)
