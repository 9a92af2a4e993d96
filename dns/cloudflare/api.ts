import * as z from 'zod'
import { parseRetryAfter } from '../../src/outbound/retry-after.ts'
import type { DnsFailure } from '../../src/schema/dns-record-set.ts'
import { toFailure } from './error.ts'
import { askByHttp } from '../http.ts'

/** How one call of a provider reaches the API. */
export interface CloudflareSession {
  readonly url: string
  readonly token: string
  readonly timeoutMs: number
  /** No write begins later than that. */
  readonly writesUntilMs: number
  /** Set by an answer which said that nothing is left of the rate limit: the rest of the call asks no more. */
  spentForMs?: number
}

/** A zone, and how it is reached. */
export interface OpenedZone {
  readonly session: CloudflareSession
  readonly zoneId: string
}

/** One request: `aim` are the words for what it is for, such as "list the records". */
export interface CloudflareRequest {
  readonly aim: string
  readonly method: 'GET' | 'POST'
  /** Below the base URL, with its query. */
  readonly path: string
  readonly body?: object
}

const Complaint = z.object({ code: z.number(), message: z.string() })

/** developers.cloudflare.com/fundamentals/api/how-to/make-api-calls, and every method of the API reference. */
const Envelope = z.object({
  success: z.boolean(),
  errors: z
    .array(Complaint.extend({ error_chain: z.array(Complaint).nullish() }))
    .nullish()
    .transform((errors) => errors ?? []),
  result: z.unknown().optional(),
  result_info: z
    .object({ per_page: z.number().optional(), total_count: z.number().optional() })
    .nullish(),
})
export type Envelope = z.output<typeof Envelope>

/** What the API said; `codes` are those of its errors, each with what it came from. */
export type CloudflareAnswer =
  | { readonly ok: true; readonly envelope: Envelope }
  | { readonly ok: false; readonly failure: DnsFailure; readonly codes: readonly number[] }

/** After a 429 without a word on when to come back: all calls are blocked for the next five minutes. */
const BLOCKED_MS = 300_000

/** Makes one request of a session. Never throws, and the token is in nothing that is said. */
export async function askCloudflare(
  session: CloudflareSession,
  { aim, method, path, body }: CloudflareRequest,
): Promise<CloudflareAnswer> {
  if (session.spentForMs !== undefined) {
    const detail = `nothing is left of the rate limit of Cloudflare (1,200 requests in 5 minutes), so it was not asked to ${aim}`
    return failed({ kind: 'rate-limited', detail, retryAfterMs: session.spentForMs })
  }
  const headers = { authorization: `Bearer ${session.token}`, 'content-type': 'application/json' }
  const text = body === undefined ? {} : { body: JSON.stringify(body) }
  const question = { method, url: session.url + path, headers, ...text }
  const asked = await askByHttp(question, session.timeoutMs, 'Cloudflare')
  if (!asked.ok) return failed(redacted(session, asked.failure))
  const answer = asked.value
  const left = parseRateLimit(answer.headers.get('ratelimit'))
  if (left?.requests === 0) session.spentForMs = left.resetMs
  const envelope = parseEnvelope(answer.text)
  if (envelope?.success === true && answer.status < 300) return { ok: true, envelope }
  const errors = envelope?.errors ?? []
  const failure = toFailure({ aim, status: answer.status, errors: envelope && errors })
  const asksForMs = parseRetryAfter(answer.headers.get('retry-after'), Date.now())
  const codes = errors.flatMap((error) => [error, ...(error.error_chain ?? [])]).map(toCode)
  if (failure.kind === 'rate-limited' || asksForMs > 0) {
    failure.retryAfterMs = asksForMs || left?.resetMs || BLOCKED_MS
  }
  return failed(redacted(session, failure), codes)
}

/**
 * `"default";r=50;t=30`: 50 requests are left, and more come in 30 s. Of several limits the one that lasts longest
 * of those that are used up, else the first (developers.cloudflare.com/fundamentals/api/reference/limits).
 */
function parseRateLimit(text: string | null): { requests: number; resetMs: number } | undefined {
  const limits = (text ?? '').split(',').flatMap((item) => {
    const [, requests] = /;\s*r=(\d{1,9})/.exec(item) ?? []
    const [, seconds] = /;\s*t=(\d{1,9})/.exec(item) ?? []
    if (requests === undefined || seconds === undefined) return []
    return [{ requests: Number(requests), resetMs: Number(seconds) * 1000 }]
  })
  return limits.toSorted((a, b) => a.requests - b.requests || b.resetMs - a.resetMs)[0]
}

function parseEnvelope(text: string): Envelope | undefined {
  try {
    return Envelope.safeParse(JSON.parse(text)).data
  } catch {
    // What stands before the API, such as a proxy, may answer with a page.
    return undefined
  }
}

function toCode({ code }: { readonly code: number }): number {
  return code
}

function failed(failure: DnsFailure, codes: readonly number[] = []): CloudflareAnswer {
  return { ok: false, failure, codes }
}

/** An answer may say back what it was told. First redacted, then cut: half a secret would not be found. */
function redacted({ token }: CloudflareSession, failure: DnsFailure): DnsFailure {
  return { ...failure, detail: failure.detail.replaceAll(token, '…').slice(0, 1024) }
}
