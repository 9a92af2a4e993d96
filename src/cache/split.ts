/** Up to so many bytes a body of known length is split by the runtime: no more of it is ever held twice. */
export const SPLIT_BYTES = 65_536

/** A small body on two ways. */
export interface Split {
  readonly client: ReadableStream<Uint8Array>
  /** All of it; `undefined` where it is not whole. Never rejects; the request must not be over before (`waitUntil`). */
  readonly whole: Promise<ArrayBuffer | undefined>
}

/**
 * Hands a small body on to a client and reads it whole beside that, without touching it in JavaScript: half the cost of a
 * pump. Who is slower holds nobody back, and a client that leaves does not end it.
 */
export function split(body: ReadableStream<Uint8Array>, length: number): Split {
  const [client, kept] = body.tee()
  return { client, whole: readWhole(kept, length) }
}

async function readWhole(
  body: ReadableStream<Uint8Array>,
  length: number,
): Promise<ArrayBuffer | undefined> {
  try {
    const whole = await new Response(body).arrayBuffer()
    return whole.byteLength === length ? whole : undefined
  } catch {
    // The origin broke it off, which the client sees for itself.
    return undefined
  }
}
