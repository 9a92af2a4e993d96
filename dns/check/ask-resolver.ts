import { EXPIRED, withDeadline } from '../../src/outbound/deadline.ts'
import { type Query, type Reading, readAnswer, toQuery } from './query.ts'

/** A resolver may have to ask its way down from the root. */
const TIMEOUT_MS = 8000

/** What a message of DNS can weigh at most (RFC 1035 §4.2.2). */
const MOST_BYTES = 65_535

const MEDIA_TYPE = 'application/dns-message'

/** Asks a resolver by DNS over HTTPS (RFC 8484), by POST so that no cache on the way answers. Never throws. */
export async function askResolver(url: string, query: Query): Promise<Reading> {
  // RFC 8484 §4.1: the id is 0, so that equal questions are equal.
  const message = toQuery(query, { id: 0, flags: ['recursionDesired'] })
  if (message === undefined) return { ok: false, why: 'the name cannot be asked for' }
  const asked = await withDeadline(TIMEOUT_MS, ({ signal }) => post(url, message, signal)).catch(
    (error: unknown) => `no answer: ${error instanceof Error ? error.message : String(error)}`,
  )
  if (asked === EXPIRED) return { ok: false, why: `no answer within ${TIMEOUT_MS} ms` }
  if (typeof asked === 'string') return { ok: false, why: asked }
  return readAnswer(asked, query, { id: 0, needs: [] })
}

/** The bytes of the answer, or what is wrong with it. */
async function post(
  url: string,
  body: Uint8Array<ArrayBuffer>,
  signal: AbortSignal,
): Promise<Uint8Array | string> {
  const headers = { 'content-type': MEDIA_TYPE, accept: MEDIA_TYPE }
  const response = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal })
  const type = response.headers.get('content-type') ?? ''
  if (response.status !== 200 || !type.startsWith(MEDIA_TYPE)) {
    await response.body?.cancel()
    return `it answered ${response.status} with ${type === '' ? 'no type' : type}`
  }
  return readBytes(response)
}

async function readBytes(response: Response): Promise<Uint8Array | string> {
  const reader: ReadableStreamDefaultReader<Uint8Array> | undefined = response.body?.getReader()
  if (reader === undefined) return 'its answer is empty'
  const bytes: number[] = []
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return Uint8Array.from(bytes)
    if (bytes.length + value.length > MOST_BYTES) {
      await reader.cancel()
      return 'its answer is longer than any message of DNS'
    }
    bytes.push(...value)
  }
}
