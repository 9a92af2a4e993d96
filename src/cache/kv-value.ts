import { copy } from './copy.ts'
import { type KeptHead, parseHead, toHeadText } from './envelope.ts'
import { JSON_LINE_BYTES } from './json-line.ts'
import { KV_LIMITS } from './kv-admission.ts'
import type { Stored } from './policy/stored.ts'
import { SMALL_BYTES } from './small.ts'
import type { Kept, KeptBody } from './tier.ts'

/** "PTL" and the form of what follows: the length of the head in four bytes, the head, the body. */
const MARK = [0x50, 0x54, 0x4c, 0x01] as const

const PREFIX_BYTES = 8

/** What KV takes as a value, and whether all of it came; that never rejects. */
export interface KvValue {
  readonly value: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>
  readonly isWhole: boolean | Promise<boolean>
}

/**
 * What is kept as one value. Throws for what is too large or of unknown length: a value that breaks off is stored as if it
 * were whole, and by its length alone that is seen when it is read (workerd 1.20261023.1).
 */
export function toValue(kept: Kept): KvValue {
  if (kept.type === 'variants') return { value: toPreamble(kept, 0), isWhole: true }
  const { head, body } = kept
  if (!(body instanceof ReadableStream)) {
    const bodyBytes = body?.byteLength ?? 0
    const value = toPreamble({ type: 'answer', head: { ...head, bodyBytes } }, bodyBytes)
    if (body) value.set(new Uint8Array(body), value.byteLength - bodyBytes)
    return { value, isWhole: true }
  }
  try {
    return toStreamedValue(head, body)
  } catch (error) {
    // Of one that is never read the source would be held.
    body.cancel(error).catch(() => undefined)
    throw error
  }
}

function toStreamedValue(head: Stored, body: ReadableStream<Uint8Array>): KvValue {
  const { bodyBytes } = head
  if (bodyBytes === undefined) throw new Error('a body of unknown length does not go to KV')
  const preamble = toPreamble({ type: 'answer', head }, 0)
  const { readable, writable } = new FixedLengthStream(checked(preamble.byteLength + bodyBytes))
  const isWhole = chain(preamble, { body, bytes: bodyBytes }, writable.getWriter())
  return { value: readable, isWhole }
}

/** Whoever reads the value learns what ends it early. */
async function chain(
  preamble: Uint8Array,
  { body, bytes }: { readonly body: ReadableStream<Uint8Array>; readonly bytes: number },
  writer: WritableStreamDefaultWriter<Uint8Array>,
): Promise<boolean> {
  const reader = body.getReader({ mode: 'byob' })
  try {
    await writer.write(preamble)
  } catch (error) {
    await reader.cancel(error).catch(() => undefined)
    return false
  }
  return copy(reader, writer, bytes)
}

/** The head as it stands before the body, with room behind it for so many bytes. */
function toPreamble(head: KeptHead, room: number): Uint8Array<ArrayBuffer> {
  const text = toHeadText(head)
  if (text.length > JSON_LINE_BYTES) throw new Error(`a head of ${text.length} bytes is not kept`)
  const bytes = new Uint8Array(checked(PREFIX_BYTES + text.length + room))
  bytes.set(MARK)
  new DataView(bytes.buffer).setUint32(MARK.length, text.length)
  new TextEncoder().encodeInto(text, bytes.subarray(PREFIX_BYTES))
  return bytes
}

function checked(bytes: number): number {
  if (bytes > KV_LIMITS.valueBytes) throw new Error(`KV takes no value of ${bytes} bytes`)
  return bytes
}

/** What a value holds; `undefined` for what is none of ours, of another release, or not whole. The value is used up. */
export async function readValue(value: ReadableStream<Uint8Array>): Promise<Kept | undefined> {
  const reader = value.getReader({ mode: 'byob' })
  const head = await readHead(reader)
  if (head?.type === 'answer') {
    const body = await readBody(value, reader, head.head.bodyBytes)
    if (body !== undefined) return { ...head, body }
  }
  await reader.cancel().catch(() => undefined)
  return head?.type === 'variants' ? head : undefined
}

async function readHead(reader: ReadableStreamBYOBReader): Promise<KeptHead | undefined> {
  const prefix = await readBytes(reader, PREFIX_BYTES)
  if (prefix === undefined || MARK.some((byte, at) => prefix[at] !== byte)) return undefined
  const length = new DataView(prefix.buffer).getUint32(MARK.length)
  if (length > JSON_LINE_BYTES) return undefined
  const text = await readBytes(reader, length)
  return text && parseHead(new TextDecoder().decode(text))
}

/** A small one is looked at whole; a large one, when it turns out shorter, breaks off for whoever reads it. */
async function readBody(
  value: ReadableStream<Uint8Array>,
  reader: ReadableStreamBYOBReader,
  bodyBytes: number | undefined,
): Promise<KeptBody | undefined> {
  if (bodyBytes === undefined) return undefined
  if (bodyBytes > SMALL_BYTES) {
    reader.releaseLock()
    return value.pipeThrough(new FixedLengthStream(bodyBytes))
  }
  const body = bodyBytes === 0 ? null : await readBytes(reader, bodyBytes)
  const { done } = await reader.read(new Uint8Array(1))
  if (!done) return undefined
  return body && body.buffer
}

/** Exactly so many; `undefined` where there are fewer. */
async function readBytes(
  reader: ReadableStreamBYOBReader,
  bytes: number,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (bytes === 0) return new Uint8Array(0)
  const { value } = await reader.readAtLeast(bytes, new Uint8Array(bytes))
  return value?.byteLength === bytes ? value : undefined
}
