import { MONITOR_LIMITS } from '../../src/schema/monitor.ts'
import type { ProbeAnswer } from '../../src/state/prober/expectation.ts'

/** The chunks of a stream until they are more than a probe reads. */
export async function readStart(
  stream: ReadableStream<Uint8Array>,
): Promise<readonly Uint8Array[]> {
  const reader = stream.getReader()
  const chunks: Uint8Array[] = []
  for (let length = 0; length <= MONITOR_LIMITS.bodyBytes;) {
    const { done, value } = await reader.read()
    if (done) return chunks
    chunks.push(value)
    length += value.byteLength
  }
  await reader.cancel()
  return chunks
}

/** As much of a body as a probe reads, as text. */
export function toBodyText(chunks: readonly Uint8Array[]): NonNullable<ProbeAnswer['body']> {
  const bytes = join(chunks)
  const isCut = bytes.byteLength > MONITOR_LIMITS.bodyBytes
  return { text: new TextDecoder().decode(bytes.subarray(0, MONITOR_LIMITS.bodyBytes)), isCut }
}

/** Chunks in one piece. */
export function join(chunks: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(chunks.reduce((sum, { byteLength }) => sum + byteLength, 0))
  let at = 0
  for (const chunk of chunks) {
    joined.set(chunk, at)
    at += chunk.byteLength
  }
  return joined
}
