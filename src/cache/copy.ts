const BUFFER_BYTES = 65_536

/** Passes over the first so many bytes of a body. Rejects where it has fewer. */
export async function skip(reader: ReadableStreamBYOBReader, bytes: number): Promise<void> {
  let buffer = new ArrayBuffer(BUFFER_BYTES)
  for (let left = bytes; left > 0;) {
    const view = new Uint8Array(buffer, 0, Math.min(left, BUFFER_BYTES))
    const { done, value } = await reader.read(view)
    if (done) throw new Error('the body ends before the part begins')
    left -= value.byteLength
    buffer = value.buffer
  }
}

/**
 * Hands on what comes, up to so many bytes, and ends both sides: as they should where it was that many, and else so that
 * whoever reads learns it. Says whether it was; never rejects. By hand: the runtime pipes no stream of its own transforms into another (workerd 1.20261023.1:
 * "Inter-TransformStream ReadableStream.pipeTo() is not implemented").
 */
export async function copy(
  reader: ReadableStreamBYOBReader,
  writer: WritableStreamDefaultWriter<Uint8Array>,
  bytes: number,
): Promise<boolean> {
  try {
    let buffer = new ArrayBuffer(BUFFER_BYTES)
    for (let left = bytes; left > 0;) {
      const view = new Uint8Array(buffer, 0, Math.min(left, BUFFER_BYTES))
      const { done, value } = await reader.read(view)
      if (done) throw new Error('the body ends before it should')
      left -= value.byteLength
      await writer.write(value)
      buffer = value.buffer
    }
    await writer.close()
    await reader.cancel()
    return true
  } catch (error) {
    await Promise.allSettled([writer.abort(error), reader.cancel(error)])
    return false
  }
}
