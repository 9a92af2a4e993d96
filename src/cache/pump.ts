import { createSink, type Sink } from './sink.ts'
import { openTake, type Take } from './take.ts'

/** How a body is to be handed on and kept. */
export interface PumpPlan {
  /** What `Content-Length` says; a body of another length is not whole. `undefined` where nothing does. */
  readonly length: number | undefined
  /** A body that turns out larger is handed on and not kept. */
  readonly maxBytes: number
  /** A body up to so many bytes is held, whole; a larger one goes to the store while it comes. */
  readonly keepBytes: number
  /** Stores a larger one. Called once at most; whatever becomes of it, the client does not feel it. */
  readonly store?: (body: ReadableStream<Uint8Array>) => Promise<void>
  /** Of the client's request: nothing else tells that a client has left (workerd 1.20261023.1). */
  readonly signal?: AbortSignal
  /** Ends the waiting for a piece of it, where the route limits that, by rejecting. */
  readonly limit?: <Piece>(piece: Promise<Piece>) => Promise<Piece>
}

/** What became of a body. */
export interface PumpEnd {
  readonly isWhole: boolean
  readonly bytes: number
  /** The whole of a small one. */
  readonly kept: ArrayBuffer | undefined
  /** Whether the store has taken it, whole. */
  readonly isStored: boolean
}

/** A body under way. `end` never rejects; the request must not be over before (`waitUntil`). */
export interface Pumped {
  readonly client: ReadableStream<Uint8Array>
  readonly end: Promise<PumpEnd>
}

/** Without a buffer that goes round, 100 MiB come in pieces of 4 KiB and take ten times as long. */
const BUFFER_BYTES = 65_536

/** How long a body goes on for the store alone, which is also how long the platform lets it (`waitUntil`). */
const ALONE_MS = 30_000

/**
 * Hands a body on to a client while it is stored, in step: whoever is slower holds the origin back, a store not for long,
 * and no more of a large body is in memory than one buffer. A small body is read at the pace of the origin and handed on from memory. A client
 * that leaves does not end it, a store that fails or stands still neither. The body must come as the origin encoded it.
 */
export function pump(body: ReadableStream<Uint8Array>, plan: PumpPlan): Pumped {
  const { readable, writable } = toPipe(plan.length)
  const client = createSink(writable)
  const run: Run = {
    reader: body.getReader({ mode: 'byob' }),
    client,
    plan,
    bytes: 0,
    isRead: false,
  }
  return { client: readable, end: feed(run) }
}

interface Run {
  readonly reader: ReadableStreamBYOBReader
  readonly client: Sink
  readonly plan: PumpPlan
  bytes: number
  /** All of it has come, and it is as long as it said. */
  isRead: boolean
  store?: Take
  /** Why it was given up: a reader that is cancelled says "done" as if that were the end. */
  givenUp?: Error
}

async function feed(run: Run): Promise<PumpEnd> {
  const release = watchClient(run)
  try {
    const kept = await hold(run)
    if (kept === undefined) await stream(run)
    checkLength(run)
    run.isRead = true
    const closing = run.client.close()
    // Of what is held here a client may take its time.
    await Promise.all([run.store?.sink.close(), kept === undefined ? closing : undefined])
    return { isWhole: true, bytes: run.bytes, kept, isStored: (await run.store?.done) ?? false }
  } catch (error) {
    // The origin broke it off, or nobody is left: each side learns that what it has is not whole.
    run.client.abort(error)
    run.store?.drop(error)
    run.reader.cancel(error).catch(ignore)
    return { isWhole: false, bytes: run.bytes, kept: undefined, isStored: false }
  } finally {
    release()
  }
}

function checkLength({ plan: { length }, bytes, givenUp }: Run): void {
  if (givenUp) throw givenUp
  if (length !== undefined && length !== bytes) throw new Error('the body has another length')
}

/** Reads a small body whole; `undefined` where it is larger, which is handed on as far as it was read. */
async function hold(run: Run): Promise<ArrayBuffer | undefined> {
  const { plan, client } = run
  const { length, keepBytes, maxBytes } = plan
  if (keepBytes === 0 || (length !== undefined && length > keepBytes)) {
    if (length === undefined || length <= maxBytes) openStore(run)
    return undefined
  }
  const pieces: Uint8Array[] = []
  while (run.bytes <= Math.min(keepBytes, maxBytes)) {
    // What is more than it said shows by one byte.
    const size = Math.min(BUFFER_BYTES, Math.max(1, (length ?? Infinity) - run.bytes))
    const { done, value } = await read(run, new Uint8Array(size))
    if (done) return join(pieces, run.bytes)
    run.bytes += value.byteLength
    // A small piece does not hold the memory of a large one.
    const piece = value.byteLength * 2 < size ? value.slice() : value
    pieces.push(piece)
    void client.write(piece)
  }
  if (run.bytes <= maxBytes) openStore(run)
  for (const piece of pieces) await run.store?.sink.write(piece)
  return undefined
}

/** Hands on what comes, piece by piece, to all who are there. */
async function stream(run: Run): Promise<void> {
  const { client, plan } = run
  let buffer = new ArrayBuffer(BUFFER_BYTES)
  for (;;) {
    if (client.isGone() && run.store?.sink.isGone() !== false) throw new Error('nobody is left')
    const { done, value } = await read(run, new Uint8Array(buffer))
    if (done) return
    run.bytes += value.byteLength
    if (run.bytes > plan.maxBytes) run.store?.drop(new Error('larger than what is kept'))
    const { store } = run
    if (store && client.isGone()) await store.sink.write(value)
    else await (store?.beside(client.write(value), value) ?? client.write(value))
    // Taken by all who are still there: its memory is free.
    buffer = value.buffer
  }
}

function read({ reader, plan: { limit } }: Run, view: Uint8Array<ArrayBuffer>) {
  const piece = reader.read(view)
  return limit ? limit(piece) : piece
}

function openStore(run: Run): void {
  const { store, length } = run.plan
  if (!store) return
  const pipe = toPipe(length)
  run.store = openTake(pipe, store, () => run.isRead)
}

/** A client that leaves is waited for no more, and the body goes on without it, but not for ever. */
function watchClient(run: Run): () => void {
  const { signal } = run.plan
  if (!signal) return ignore
  let alone: ReturnType<typeof setTimeout> | null = null
  const leave = (): void => {
    const gone = new Error('the client has left')
    run.client.abort(gone)
    alone = setTimeout(() => {
      run.givenUp = gone
      run.store?.drop(gone)
      run.reader.cancel(gone).catch(ignore)
    }, ALONE_MS)
  }
  if (signal.aborted) leave()
  else signal.addEventListener('abort', leave)
  return () => {
    if (alone !== null) clearTimeout(alone)
    signal.removeEventListener('abort', leave)
  }
}

function join(pieces: readonly Uint8Array[], bytes: number): ArrayBuffer {
  const [only] = pieces
  const isAlone = pieces.length === 1 && only?.byteLength === only?.buffer.byteLength
  if (only && isAlone && only.buffer instanceof ArrayBuffer) return only.buffer
  const whole = new Uint8Array(bytes)
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.byteLength
  }
  return whole.buffer
}

function toPipe(length: number | undefined): TransformStream<Uint8Array, Uint8Array> {
  return length === undefined ? new IdentityTransformStream() : new FixedLengthStream(length)
}

/** Whether the other side minds is of no interest any more. */
function ignore(): void {}
