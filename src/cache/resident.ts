import type { Stored, Variants } from './policy/stored.ts'

/** What one key has in memory: an answer with its whole body, or which headers its answers vary by. */
export type Resident = ResidentAnswer | ResidentMarker

/** An answer with its whole body. */
export interface ResidentAnswer {
  readonly type: 'answer'
  readonly head: Stored
  readonly body: ArrayBuffer | null
  /** The newest purge that it is known to outlive: that of its head, or a later one that did not mean it. */
  asOf: number
  hits: number
}

/** Stands under a key whose answers vary. */
export interface ResidentMarker {
  readonly type: 'variants'
  readonly head: Variants
  /** The keys of the variants in memory, the oldest first. */
  readonly names: Set<string>
}
