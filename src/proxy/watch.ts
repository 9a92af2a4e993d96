import { expectEnd, toPipe } from './ending.ts'
import { within } from './within.ts'

/** How long a body may take. */
export interface BodyLimits {
  /** Between two pieces of it. */
  readonly idleMs: number | undefined
  /** When it must be over, in milliseconds since the epoch. */
  readonly endMs: number | undefined
}

/**
 * The same answer, with limits on its body: when one is reached the body breaks off, for the client as for
 * the origin. The idle time runs only while the origin is waited for: a client that reads slowly is no
 * silence. The body must come as the origin encoded it, and goes on so.
 */
export function watch(response: Response, limits: BodyLimits): Response {
  const { status, statusText, headers } = response
  // The platform's types leave open what the pieces of a body are.
  const body: ReadableStream<Uint8Array> | null = response.body
  if (body === null) return response
  const { readable, writable } = toPipe(headers)
  const watched = new Response(readable, { status, statusText, headers, encodeBody: 'manual' })
  // It ends with the body, and so does the request that it belongs to: nobody has to wait for it.
  void pump(body.getReader({ mode: 'byob' }), writable.getWriter(), limits).then(expectEnd(watched))
  return watched
}

/** One buffer goes round: without it, 100 MiB come in pieces of 4 KiB and take ten times as long. */
const BUFFER_BYTES = 65_536

async function pump(
  reader: ReadableStreamBYOBReader,
  writer: WritableStreamDefaultWriter<Uint8Array>,
  limits: BodyLimits,
): Promise<void> {
  try {
    let buffer = new ArrayBuffer(BUFFER_BYTES)
    for (;;) {
      // Piece by piece is the point of it.
      const waitMs = Math.min(limits.idleMs ?? Infinity, leftOf(limits))
      const { done, value } = await within(waitMs, reader.read(new Uint8Array(buffer)))
      if (done) break
      await within(leftOf(limits), writer.write(value))
      // Written means taken: the piece's memory is free again.
      buffer = value.buffer
    }
    await writer.close()
  } catch (error) {
    // Either side is gone or silent: the other must learn that the body is not whole.
    await Promise.allSettled([writer.abort(error), reader.cancel(error)])
  }
}

/** How much of the whole time is left. */
function leftOf({ endMs = Infinity }: BodyLimits): number {
  return Math.max(0, endMs - Date.now())
}
