import type { Colo, KeptAnswer } from './colo.ts'

/** Bytes from `start` to `end`, both included, as in `Content-Range`. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/** From so many bytes before a range on, the Cache API is asked for the range rather than passing over them. */
const WORTH_ASKING_BYTES = 262_144

/**
 * A part of an answer that a tier has given out whole; its body is used up. A large body of the data centre is asked for
 * the part, which costs one call more; any other one is read up to it. Rejects where the body is shorter.
 */
export async function sliceOf(
  kept: KeptAnswer,
  range: ByteRange,
  from?: { readonly colo: Colo; readonly name: string },
): Promise<ArrayBuffer | ReadableStream<Uint8Array>> {
  const { body } = kept
  if (body === null) throw new Error('an answer without a body has no parts')
  if (body instanceof ArrayBuffer) return body.slice(range.start, range.end + 1)
  if (from && range.start >= WORTH_ASKING_BYTES) {
    const part = await from.colo.part(from.name, kept, range).catch(() => undefined)
    if (part) {
      await body.cancel()
      return part
    }
  }
  return cut(body, range)
}

const BUFFER_BYTES = 65_536

/** The part of a stream, which ends there. */
async function cut(
  body: ReadableStream<Uint8Array>,
  { start, end }: ByteRange,
): Promise<ReadableStream<Uint8Array>> {
  const reader = body.getReader({ mode: 'byob' })
  let buffer = new ArrayBuffer(BUFFER_BYTES)
  for (let left = start; left > 0;) {
    const { done, value } = await reader.read(
      new Uint8Array(buffer, 0, Math.min(left, BUFFER_BYTES)),
    )
    if (done) throw new Error('the body ends before the part begins')
    left -= value.byteLength
    buffer = value.buffer
  }
  const { readable, writable } = new FixedLengthStream(end - start + 1)
  void feed(reader, writable.getWriter(), end - start + 1)
  return readable
}

async function feed(
  reader: ReadableStreamBYOBReader,
  writer: WritableStreamDefaultWriter<Uint8Array>,
  bytes: number,
): Promise<void> {
  try {
    let buffer = new ArrayBuffer(BUFFER_BYTES)
    for (let left = bytes; left > 0;) {
      const { done, value } = await reader.read(
        new Uint8Array(buffer, 0, Math.min(left, BUFFER_BYTES)),
      )
      if (done) break
      left -= value.byteLength
      await writer.write(value)
      buffer = value.buffer
    }
    // Fewer than there should be show here: a stream of a fixed length does not close before its end.
    await writer.close()
    await reader.cancel()
  } catch (error) {
    await Promise.allSettled([writer.abort(error), reader.cancel(error)])
  }
}
