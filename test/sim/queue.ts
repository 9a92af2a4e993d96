interface Entry {
  readonly atMs: number
  readonly order: number
  readonly act: () => void
}

/** What is to happen, by time; at the same moment in the order in which it was put in. A binary heap. */
export class Queue {
  private readonly heap: Entry[] = []
  private count = 0

  push(atMs: number, act: () => void): void {
    this.count += 1
    const entry = { atMs, order: this.count, act }
    let at = this.heap.push(entry) - 1
    while (at > 0) {
      const above = (at - 1) >> 1
      const parent = this.heap[above]
      if (parent === undefined || !isBefore(entry, parent)) break
      this.heap[at] = parent
      at = above
    }
    this.heap[at] = entry
  }

  /** When the next thing happens; `Infinity` when nothing does. */
  get nextMs(): number {
    return this.heap[0]?.atMs ?? Infinity
  }

  pop(): Entry | undefined {
    const [first] = this.heap
    const last = this.heap.pop()
    if (first === undefined || last === undefined || this.heap.length === 0) return first
    this.sink(last)
    return first
  }

  private sink(entry: Entry): void {
    const { heap } = this
    let at = 0
    for (;;) {
      let below = 2 * at + 1
      let child = heap[below]
      const right = heap[below + 1]
      if (child !== undefined && right !== undefined && isBefore(right, child)) {
        below += 1
        child = right
      }
      if (child === undefined || !isBefore(child, entry)) break
      heap[at] = child
      at = below
    }
    heap[at] = entry
  }
}

function isBefore(one: Entry, other: Entry): boolean {
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order)
}
