import type { KeptAnswer } from '../../../src/cache/colo.ts'
import type { Stored } from '../../../src/cache/policy/stored.ts'
import type { Kept } from '../../../src/cache/tier.ts'
import { storedOf } from '../../support/stored.ts'

/** An answer with this body. */
export function answerOf(body: KeptAnswer['body'], difference: Partial<Stored> = {}): KeptAnswer {
  return { type: 'answer', head: storedOf(difference), body }
}

/** So many bytes of which each place has its own value. */
export function bytesOf(count: number): ArrayBuffer {
  return Uint8Array.from({ length: count }, (_, at) => at % 251).buffer
}

/** How a stream goes: with a length of its own, and with an end before its end. */
export interface Course {
  readonly length?: number | undefined
  readonly end?: 'whole' | 'broken'
}

/** A stream of these pieces. */
export function streamOf(
  pieces: readonly ArrayBuffer[],
  { length, end }: Course = {},
): ReadableStream<Uint8Array> {
  const { readable, writable } =
    length === undefined ? new IdentityTransformStream() : new FixedLengthStream(length)
  const writer = writable.getWriter()
  void (async () => {
    for (const piece of pieces) await writer.write(new Uint8Array(piece))
    await (end === 'broken' ? writer.abort(new Error('broken off')) : writer.close())
  })().catch(() => undefined)
  return readable
}

/** What was kept, with its body read; rejects where the body is not whole. */
export async function readKept(
  kept: Kept | undefined,
): Promise<{ head: unknown; body: ArrayBuffer | null } | undefined> {
  if (!kept) return undefined
  if (kept.type === 'variants') return { head: kept.head, body: null }
  const { head, body } = kept
  return { head, body: body instanceof ReadableStream ? await readAll(body) : body }
}

/** All of a stream. */
export function readAll(body: ReadableStream<Uint8Array>): Promise<ArrayBuffer> {
  return new Response(body).arrayBuffer()
}
