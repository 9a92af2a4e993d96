import type { CachedRoute } from './cached-route.ts'
import type { Detail } from './policy/cache-status.ts'
import type { Exchange, JudgedHead } from './policy/judged.ts'
import type { Looked } from './policy/key.ts'
import { judgeStorage } from './policy/storage.ts'
import { STORED_FORMAT, type Stored } from './policy/stored.ts'
import { tagsOf } from './policy/tags.ts'

/** An answer that has come to a request of a route with a cache. */
export interface Candidate {
  readonly cached: CachedRoute
  readonly asked: Looked
  readonly exchange: Exchange
  /** Of the body, where it is known. */
  readonly bodyBytes: number | undefined
  /** The newest purge that was known when the request was sent. */
  readonly asOf: number
}

/** Whether an answer is kept. The key of the head is that of the request: variants have another. */
export type Verdict =
  | { readonly keep: true; readonly head: Stored }
  | { readonly keep: false; readonly why: Detail }

/** Judges an answer by all rules of its route. */
export function judgeAnswer(candidate: Candidate): Verdict {
  const { cached, exchange, bodyBytes } = candidate
  const { settings } = cached
  const verdict = judgeStorage(exchange, settings)
  if (!verdict.store) return { keep: false, why: verdict.why }
  if ((bodyBytes ?? 0) > settings.maxObjectBytes) return { keep: false, why: 'too-large' }
  return { keep: true, head: toStored(candidate, verdict.head) }
}

/** The whole head of an answer, of what the policy made of it. */
export function toStored(
  { cached, asked, exchange, bodyBytes, asOf }: Candidate,
  judged: JudgedHead,
): Stored {
  return {
    format: STORED_FORMAT,
    key: asked.key,
    route: cached.id,
    host: asked.url.host,
    path: asked.url.path,
    query: asked.url.query,
    tags: tagsOf(exchange.response.fields),
    asOf,
    ...judged,
    bodyBytes,
  }
}
