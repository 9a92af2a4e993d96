import { readJsonc } from './jsonc.ts'
import type { BodyFacts } from './operation.ts'
import { refuse, refuseProblems } from './problem-details.ts'

/** A body as a value and as it came, or the refusal that says why not. */
export type ReadBody =
  | { readonly ok: true; readonly value: unknown; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly refusal: Response }

/** Reads a body of JSON, with comments and trailing commas where somebody wrote them. Never throws for what it says. */
export async function readBody(
  request: Request,
  { mostBytes, isOptional }: Pick<BodyFacts, 'mostBytes' | 'isOptional'>,
): Promise<ReadBody> {
  const encoding = request.headers.get('content-encoding') ?? 'identity'
  if (encoding !== 'identity') {
    const detail = `the body comes with Content-Encoding "${encoding}"; send it as it is`
    return { ok: false, refusal: refuse('unsupported-encoding', detail) }
  }
  const bytes = await readBytes(request, mostBytes)
  if (bytes === undefined) {
    const refusal = refuse('too-large', `a body here has at most ${mostBytes} bytes`)
    return { ok: false, refusal }
  }
  if (isOptional && bytes.byteLength === 0) return { ok: true, value: undefined, bytes }
  const text = toText(bytes)
  if (text === undefined) {
    return { ok: false, refusal: refuse('invalid-syntax', 'the body is not valid UTF-8') }
  }
  const read = readJsonc(text)
  if (read.ok) return { ...read, bytes }
  return { ok: false, refusal: refuseProblems('invalid-syntax', read.problems) }
}

/** The body, or undefined as soon as it turns out to be larger than it may be. */
async function readBytes(request: Request, mostBytes: number): Promise<Uint8Array | undefined> {
  if (Number(request.headers.get('content-length') ?? 0) > mostBytes) return undefined
  const chunks: Uint8Array[] = []
  let size = 0
  const body: ReadableStream<Uint8Array> | null = request.body
  for await (const chunk of body ?? []) {
    size += chunk.byteLength
    if (size > mostBytes) return undefined
    chunks.push(chunk)
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer())
}

function toText(bytes: Uint8Array): string | undefined {
  try {
    // Takes off a byte order mark, which no JSON parser takes (RFC 8259 §8.1).
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes)
  } catch {
    // A TypeError, and the only one: the bytes are no UTF-8.
    return undefined
  }
}
