import type { SnapshotDocument } from '../../src/schema/snapshot.ts'
import type { Ground } from './ground.ts'
import type { Store } from './peers.ts'

interface Written {
  readonly atMs: number
  readonly document: SnapshotDocument
}

/** KV: a write may fail, and a read may show what was true some time ago. */
export class LaggingStore implements Store {
  isAway = false
  /** How old at most what is read is. */
  lagMs = 5000
  private readonly written: Written[] = []
  private readonly ground: Ground

  constructor(ground: Ground) {
    this.ground = ground
  }

  write(document: SnapshotDocument): boolean {
    if (this.isAway) return false
    this.written.push({ atMs: this.ground.nowMs, document })
    return true
  }

  read(): SnapshotDocument | undefined {
    const { chance, nowMs } = this.ground
    const asOfMs = nowMs - chance.between(0, this.lagMs)
    return this.written.findLast(({ atMs }) => atMs <= asOfMs)?.document
  }
}
