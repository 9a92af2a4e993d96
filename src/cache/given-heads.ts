import type { Stored } from './policy/stored.ts'

/** How many heads stand ready at most. */
const MOST = 1000

/** The head of a hit, made once for each second of its age. */
export interface GivenHead {
  readonly ageSeconds: number
  /** What else it was made for: another form of its route makes another head. */
  readonly by: object
  readonly model: Response
  /** The head of a 304, once one was wanted. */
  notModified?: Response
}

/**
 * Heads that stand ready for the hits of one second. They are memory of the runtime, which the bounds of the cache do not
 * count (some KB each, workerd 1.20261023.1): those of a second that is over are thrown away together.
 */
export interface GivenHeads {
  second: number
  /** By the stored head, and not by who has it: that would hold bodies that memory has let go of. */
  readonly heads: Map<Stored, GivenHead>
}

/** None made yet. */
export function createGivenHeads(): GivenHeads {
  return { second: 0, heads: new Map() }
}

/** The head of an answer, if it stands ready. */
export function headOf(given: GivenHeads, stored: Stored, nowMs: number): GivenHead | undefined {
  const second = Math.floor(nowMs / 1000)
  if (second !== given.second) {
    given.second = second
    given.heads.clear()
  }
  return given.heads.get(stored)
}

/** Keeps a head ready, while there is room. */
export function keepHead({ heads }: GivenHeads, stored: Stored, head: GivenHead): void {
  if (heads.size < MOST || heads.has(stored)) heads.set(stored, head)
}
