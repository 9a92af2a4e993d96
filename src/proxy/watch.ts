import { within } from './within.ts'

/**
 * The same answer, with a limit on the silence between two pieces of its body: when it is over, the body
 * breaks off, for the client as for the origin. Only while the origin is waited for does time run: a client
 * that reads slowly is no silence. The body must come as the origin encoded it, and goes on so.
 */
export function watchIdle(response: Response, idleMs: number): Response {
  const { status, statusText, headers } = response
  // The platform's types leave open what the pieces of a body are.
  const body: ReadableStream<Uint8Array> | null = response.body
  if (body === null) return response
  const { readable, writable } = lengthOf(headers)
  // It ends with the body, and so does the request that it belongs to: nobody has to wait for it.
  void pump(body.getReader(), writable.getWriter(), idleMs)
  return new Response(readable, { status, statusText, headers, encodeBody: 'manual' })
}

/** A stream of known length is sent with it; any other in chunks. */
function lengthOf(headers: Headers): TransformStream<Uint8Array, Uint8Array> {
  const length = headers.get('content-length')
  const isKnown = length !== null && /^\d+$/.test(length) && !headers.has('transfer-encoding')
  return isKnown ? new FixedLengthStream(BigInt(length)) : new IdentityTransformStream()
}

async function pump(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  writer: WritableStreamDefaultWriter<Uint8Array>,
  idleMs: number,
): Promise<void> {
  try {
    for (;;) {
      // Piece by piece is the point of it.
      const { done, value } = await within(idleMs, reader.read())
      if (done) break
      await writer.write(value)
    }
    await writer.close()
  } catch (error) {
    // Either side is gone or silent: the other must learn that the body is not whole.
    await Promise.allSettled([writer.abort(error), reader.cancel(error)])
  }
}
