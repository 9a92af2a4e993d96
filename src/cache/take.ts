import { createSink, type Sink } from './sink.ts'

/** A store that takes a body while it comes. */
export interface Take {
  readonly sink: Sink
  /** Whether it took all of it; never rejects. */
  readonly done: Promise<boolean>
  /** Takes a piece beside a client that is given it, and is given up where it holds that one up for too long. */
  beside(given: Promise<void>, piece: Uint8Array): Promise<void>
  /** It gets no more of it. */
  drop(reason: unknown): void
}

/** A store that takes nothing for one to two of these is given up, so that the client is not held. */
const PATIENCE_MS = 3000

/** A store may hold a client up for so long, and for as long again as the body takes without it. */
const HELD_MS = 2000

/** Hands the one end of a pipe to a store. `isRead` says whether all of the body has gone into the other one. */
export function openTake(
  { readable, writable }: TransformStream<Uint8Array, Uint8Array>,
  store: (body: ReadableStream<Uint8Array>) => Promise<void>,
  isRead: () => boolean,
): Take {
  const sink = createSink(writable)
  let settle: (isStored: boolean) => void = ignore
  const done = new Promise<boolean>((resolve) => {
    settle = (isStored) => {
      clearInterval(look)
      resolve(isStored && isRead() && !sink.isGone())
      // Where it ended early: what nobody reads any more would stand still.
      sink.abort(new Error('the store takes no more'))
    }
  })
  const drop = (reason: unknown): void => {
    sink.abort(reason)
    settle(false)
  }
  const look = setInterval(() => {
    if (sink.looksWaited() > 1) drop(new Error('the store stands still'))
  }, PATIENCE_MS)
  store(readable).then(
    () => settle(true),
    () => settle(false),
  )
  const startedAtMs = Date.now()
  let heldMs = 0
  const beside = async (given: Promise<void>, piece: Uint8Array): Promise<void> => {
    const taking = sink.write(piece)
    await given
    const givenAtMs = Date.now()
    await taking
    const takenAtMs = Date.now()
    heldMs += takenAtMs - givenAtMs
    const ownMs = takenAtMs - startedAtMs - heldMs
    if (heldMs > HELD_MS + ownMs) drop(new Error('the store holds the client up'))
  }
  return { sink, done, beside, drop }
}

/** Replaced before anybody calls it. */
function ignore(): void {}
