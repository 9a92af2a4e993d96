import { type KeptHead, parseHead, toHeadText } from './envelope.ts'
import { JSON_LINE_BYTES } from './json-line.ts'
import { pump } from './pump.ts'
import type { ByteRange } from './slice.ts'
import { SMALL_BYTES } from './small.ts'
import type { Kept, KeptBody, Tier } from './tier.ts'

/** An answer of which a part is wanted. */
export type KeptAnswer = Extract<Kept, { readonly type: 'answer' }>

/**
 * The Cache API: what the isolates of one data centre share. Everything in it is an opaque 200: a body without
 * `Content-Encoding`, which the runtime would decode, and the head in one header. So all statuses go in, and nothing but
 * `max-age` is left to its judgement.
 */
export interface Colo extends Tier {
  readonly id: 'colo'
  /** A part of what stands there, read from there by `Range`; `undefined` where it is not this answer any more. */
  part(
    name: string,
    kept: KeptAnswer,
    range: ByteRange,
  ): Promise<ReadableStream<Uint8Array> | undefined>
}

const HEAD_HEADER = 'portolan-head'

/** Apart from the answers of `fetch`, and from the snapshot. */
const NAME = 'portolan-answers'

/** How long a body that came in pieces waits to be copied. */
const TEMPORARY_SECONDS = 60

/** The cache of this data centre. `host` is one that this Worker serves (see `openSnapshotCache`). */
export function openColo(storage: CacheStorage, host: string): Colo {
  const open = () => storage.open(NAME)
  const keyOf = (name: string) => `https://${host}/portolan-cache/${name}`
  return {
    id: 'colo',
    async get(name) {
      const found = await (await open()).match(keyOf(name))
      if (!found) return undefined
      const kept = await toKept(found)
      if (!kept) await found.body?.cancel()
      return kept
    },
    async put(name, kept, keepMs) {
      const seconds = Math.ceil(keepMs / 1000)
      if (seconds <= 0) return
      await putKept({ cache: await open(), key: keyOf(name), seconds }, kept)
    },
    async delete(name) {
      await (await open()).delete(keyOf(name))
    },
    async part(name, kept, range) {
      const headers = { range: `bytes=${range.start}-${range.end}` }
      const found = await (await open()).match(new Request(keyOf(name), { headers }))
      if (!found) return undefined
      if (isPart(found, kept, range) && found.body) {
        return found.body.pipeThrough(new FixedLengthStream(range.end - range.start + 1))
      }
      await found.body?.cancel()
      return undefined
    },
  }
}

/** What was found, where it is whole. */
async function toKept(found: Response): Promise<Kept | undefined> {
  const kept = parseHead(found.headers.get(HEAD_HEADER))
  if (kept?.type !== 'answer') {
    await found.body?.cancel()
    return kept
  }
  const { bodyBytes } = kept.head
  const length = found.headers.get('content-length')
  if (bodyBytes === undefined || (length !== null && Number(length) !== bodyBytes)) return undefined
  if (found.body === null || bodyBytes === 0) {
    await found.body?.cancel()
    return bodyBytes === 0 ? { ...kept, body: null } : undefined
  }
  if (bodyBytes > SMALL_BYTES) {
    // If it is another length after all, whoever reads it learns it.
    return { ...kept, body: found.body.pipeThrough(new FixedLengthStream(bodyBytes)) }
  }
  const body = await found.arrayBuffer()
  return body.byteLength === bodyBytes ? { ...kept, body } : undefined
}

function isPart(found: Response, { head }: KeptAnswer, { start, end }: ByteRange): boolean {
  const there = parseHead(found.headers.get(HEAD_HEADER))
  return (
    found.status === 206 &&
    found.headers.get('content-range') === `bytes ${start}-${end}/${head.bodyBytes}` &&
    there?.type === 'answer' &&
    there.head.key === head.key &&
    there.head.receivedAtMs === head.receivedAtMs
  )
}

interface Place {
  readonly cache: Cache
  readonly key: string
  readonly seconds: number
}

async function putKept(place: Place, kept: Kept): Promise<void> {
  if (kept.type === 'variants') {
    await putWhole(place, kept, null)
    return
  }
  const { head, body } = kept
  if (!(body instanceof ReadableStream)) {
    const bodyBytes = body?.byteLength ?? 0
    await putWhole(place, { type: 'answer', head: { ...head, bodyBytes } }, body)
    return
  }
  await putStream(place, kept, body)
}

async function putWhole(
  { cache, key, seconds }: Place,
  head: KeptHead,
  body: KeptBody,
): Promise<void> {
  const text = toHeadText(head)
  if (text.length > JSON_LINE_BYTES) {
    if (body instanceof ReadableStream) await body.cancel()
    throw new Error(`a head of ${text.length} bytes is not kept`)
  }
  const headers = {
    'cache-control': `public, max-age=${seconds}`,
    'content-type': 'application/octet-stream',
    [HEAD_HEADER]: text,
  }
  await cache.put(key, new Response(body, { headers }))
}

/**
 * A body that breaks off is stored as if it were whole, in the place of what stood there, and `put` may well resolve (seen
 * with workerd 1.20261023.1; of Cloudflare it is not known). So a stream is counted here and goes to a place of its own
 * first, and from there under its name once it is whole: three calls more, and nobody waits for them.
 */
async function putStream(
  place: Place,
  kept: KeptAnswer,
  body: ReadableStream<Uint8Array>,
): Promise<void> {
  const { cache, key } = place
  const temporary = { cache, key: `${key}/${crypto.randomUUID()}`, seconds: TEMPORARY_SECONDS }
  const plan = { length: kept.head.bodyBytes, maxBytes: Infinity, keepBytes: 0 }
  const { client: counted, end } = pump(body, plan)
  try {
    await putWhole(temporary, kept, counted)
    const { isWhole, bytes: bodyBytes } = await end
    if (!isWhole) throw new Error('the body broke off')
    const found = await cache.match(temporary.key)
    if (!found?.body) throw new Error('what was just put is not there')
    const whole = found.body.pipeThrough(new FixedLengthStream(bodyBytes))
    await putWhole(place, { type: 'answer', head: { ...kept.head, bodyBytes } }, whole)
  } finally {
    await cache.delete(temporary.key)
  }
}
