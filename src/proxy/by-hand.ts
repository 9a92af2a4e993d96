/** Bodies that come out of a pipe of the runtime already, which pipes none of them into another. */
const outOfPipes = new WeakSet<ReadableStream>()

/** Notes that a body comes out of a pipe: whoever pipes it on has to do it by hand. */
export function noteOutOfPipe(body: ReadableStream): void {
  outOfPipes.add(body)
}

const BUFFER_BYTES = 65_536

/**
 * Pipes a body on, by hand where the runtime does not: of two of its own pipes it says "Inter-TransformStream
 * ReadableStream.pipeTo() is not implemented", and leaves both locked (workerd 1.20261023.1). Rejects when either side
 * breaks it off, or the signal does; the other side learns it.
 */
export function pipeOn(
  body: ReadableStream<Uint8Array>,
  writable: WritableStream<Uint8Array>,
  signal: AbortSignal,
): Promise<void> {
  if (!outOfPipes.has(body)) return body.pipeTo(writable, { signal })
  return copy(body.getReader({ mode: 'byob' }), writable.getWriter(), signal)
}

async function copy(
  reader: ReadableStreamBYOBReader,
  writer: WritableStreamDefaultWriter<Uint8Array>,
  signal: AbortSignal,
): Promise<void> {
  const leave = (): void => void writer.abort(signal.reason).catch(() => undefined)
  signal.addEventListener('abort', leave)
  try {
    let buffer = new ArrayBuffer(BUFFER_BYTES)
    for (;;) {
      const { done, value } = await reader.read(new Uint8Array(buffer))
      if (done) break
      await writer.write(value)
      buffer = value.buffer
    }
    await writer.close()
  } catch (error) {
    await Promise.allSettled([writer.abort(error), reader.cancel(error)])
    throw error
  } finally {
    signal.removeEventListener('abort', leave)
  }
}
