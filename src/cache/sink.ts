/** One of those who are fed with a body. Nothing here rejects: who leaves or fails is gone, and the others go on. */
export interface Sink {
  isGone(): boolean
  /** Resolves when the piece is taken, or nobody is there to take it. Its memory is free then. */
  write(piece: Uint8Array): Promise<void>
  /** All of it was written. */
  close(): Promise<void>
  /** It will not be whole: whoever reads learns it. */
  abort(reason: unknown): void
  /** How long the piece at hand has been waited for, in looks: each call is one. */
  looksWaited(): number
}

/** Feeds one writable. */
export function createSink(writable: WritableStream<Uint8Array>): Sink {
  const writer = writable.getWriter()
  let isGone = false
  let pending = 0
  let looks = 0
  const leave = (): void => {
    isGone = true
  }
  const took = (): void => {
    pending -= 1
    looks = 0
  }
  // It rejects with whatever ends the other side, which the writes tell as well.
  writer.closed.catch(leave)
  return {
    isGone: () => isGone,
    write(piece) {
      if (isGone) return Promise.resolve()
      pending += 1
      return writer.write(piece).catch(leave).finally(took)
    },
    close() {
      if (isGone) return Promise.resolve()
      pending += 1
      return writer.close().catch(leave).finally(took)
    },
    abort(reason) {
      isGone = true
      writer.abort(reason).catch(leave)
    },
    looksWaited() {
      looks = pending > 0 ? looks + 1 : 0
      return looks
    },
  }
}
