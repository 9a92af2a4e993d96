import type { Colo, KeptAnswer } from './colo.ts'
import { copy, skip } from './copy.ts'
import { nameOfKey } from './policy/key.ts'

/** Bytes from `start` to `end`, both included, as in `Content-Range`. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/** From so many bytes before a range on, the Cache API is asked for the range rather than passing over them. */
const WORTH_ASKING_BYTES = 262_144

/**
 * A part of an answer that a tier has given out whole; its body is used up. A large body of the data centre is asked for
 * the part, which costs one call more; any other one is read up to it. Where the body
 * is shorter or breaks off, so does the part.
 */
export async function sliceOf(
  kept: KeptAnswer,
  range: ByteRange,
  colo?: Colo,
): Promise<ArrayBuffer | ReadableStream<Uint8Array>> {
  const { body } = kept
  if (body === null) throw new Error('an answer without a body has no parts')
  if (body instanceof ArrayBuffer) return body.slice(range.start, range.end + 1)
  if (colo && range.start >= WORTH_ASKING_BYTES) {
    const part = await colo.part(nameOfKey(kept.head.key), kept, range).catch(() => undefined)
    if (part) {
      await body.cancel()
      return part
    }
  }
  return cut(body, range)
}

/** The part of a stream, which ends there. What comes before it is passed over meanwhile. */
function cut(
  body: ReadableStream<Uint8Array>,
  { start, end }: ByteRange,
): ReadableStream<Uint8Array> {
  const reader = body.getReader({ mode: 'byob' })
  const bytes = end - start + 1
  const { readable, writable } = new FixedLengthStream(bytes)
  const writer = writable.getWriter()
  void skip(reader, start).then(
    () => copy(reader, writer, bytes),
    (error: unknown) => writer.abort(error).catch(() => undefined),
  )
  return readable
}
