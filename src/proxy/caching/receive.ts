import type { Detail } from '../../cache/policy/cache-status.ts'
import { credentialOf } from '../../cache/policy/credentials.ts'
import { nameOfKey } from '../../cache/policy/key.ts'
import type { Exchange } from '../../cache/policy/judged.ts'
import { type Glimpsed, whyNotAtGlance } from '../../cache/policy/glance.ts'
import { judgeAnswer, type Verdict } from '../../cache/verdict.ts'
import { toGzip } from '../../cache/compress.ts'
import { negotiate } from '../../cache/policy/negotiation.ts'
import { contentLengthOf } from '../content-length.ts'
import type { Answered, Trip } from '../trip.ts'
import { tiersOf } from './beyond.ts'
import { letGo, toHeaders } from './body.ts'
import type { Found } from './giver.ts'
import { markUnkept } from './hit-for-miss.ts'
import { keep } from './keep.ts'
import { countMiss, type Lead } from './leading.ts'
import type { Visit } from './visit.ts'

/** An answer of an origin to a request that leads. */
export interface Received {
  readonly trip: Trip
  readonly outcome: Answered
  /** Whether it may be kept, as far as it hangs on who answered. */
  readonly isOfOrigins: boolean
}

/**
 * Keeps an answer while it is given out, or remembers that it is not to be kept. `undefined`: the whole is too large, and
 * the origin has to be asked again for the part that the client wants.
 */
export function receive(led: Lead, received: Received): Response | Promise<Response> | undefined {
  const { visit } = led
  const { response } = received.outcome
  if (led.known) letGo(led.known.body)
  const why = whyNever(received) ?? whyNotAtGlance(glimpse(response), visit.cached.settings)
  if (why !== undefined) return passOn(led, response, why)
  const { exchange, encodes } = negotiated(visit, toExchange(led, received))
  const bodyBytes = encodes ? undefined : bodyBytesOf(response)
  const verdict: Verdict = judgeAnswer({ ...visit, exchange, bodyBytes, asOf: asOfOf(led) })
  const isTooLarge = !verdict.keep && verdict.why === 'too-large'
  if (isTooLarge && !led.isAsAsked && visit.arrived.header('range') !== undefined) {
    markUnkept(visit, 'too-large')
    led.isAsAsked = true
    return undefined
  }
  if (!verdict.keep) return passOn(led, response, verdict.why)
  countMiss(led)
  // The platform's types leave open what the pieces of a body are.
  const whole: ReadableStream<Uint8Array> | null = response.body
  const { head, body } = keep(led, verdict.head, encodes && whole ? toGzip(whole) : whole)
  led.forwarded = { ...led.forwarded, status: response.status, isStored: true }
  return visit.giver.fetched(visit, { head, headers: toHeaders(exchange.response.fields), body })
}

function glimpse({ status, headers }: Response): Glimpsed {
  return { status, header: (name) => headers.get(name) ?? undefined }
}

/** What stands above all that the answer says: who gave it, and that the origin was told whose session it is. */
function whyNever({ trip, isOfOrigins }: Received): 'fallback' | 'session' | undefined {
  if (!isOfOrigins) return 'fallback'
  return trip.passage.session?.durable?.toOrigin === undefined ? undefined : 'session'
}

/** The exchange with the encoding of its answer negotiated, where the route wants that and the origin has not done it. */
function negotiated(
  { cached }: Visit,
  exchange: Exchange,
): { readonly exchange: Exchange; readonly encodes: boolean } {
  const found = cached.settings.compress
    ? negotiate(exchange.response, exchange.request)
    : undefined
  if (found === undefined) return { exchange, encodes: false }
  const response = { ...exchange.response, fields: found.fields }
  return { exchange: { ...exchange, response }, encodes: found.encodes }
}

function bodyBytesOf({ body, headers }: Response): number | undefined {
  return body === null ? 0 : contentLengthOf(headers)
}

/** What was sent, as the policy judges it, and what came. */
export function toExchange({ visit }: Lead, { trip, outcome }: Received): Exchange {
  const { outgoing } = trip
  const { response, status, latencyMs } = outcome
  const receivedAtMs = Date.now()
  return {
    path: visit.asked.url.path,
    request: {
      method: outgoing.method,
      header: (name) => outgoing.headers.get(name) ?? undefined,
    },
    response: { status, fields: [...response.headers] },
    timing: { requestedAtMs: receivedAtMs - latencyMs, receivedAtMs },
  }
}

/** The newest purge that is surely older than the request: one that came since makes the answer be fetched again. */
export function asOfOf({ visit }: Lead): number {
  return visit.passage.standing.snapshot.purges.newest
}

/** Reasons that lie in one request: another one may well get an answer that is kept. */
const OF_ONE_REQUEST: ReadonlySet<Detail> = new Set<Detail>([
  'request-no-store',
  'session',
  'method',
  'status',
  'content-type',
  'partial',
  'fallback',
])

/** Passes on what is for one request alone, and remembers that where it holds for its key. */
export function passOn(led: Lead, response: Response, why: Detail): Response {
  const { visit } = led
  countMiss(led)
  visit.counts.uncacheable += 1
  led.forwarded = { ...led.forwarded, status: response.status, detail: why }
  // An origin that fails says nothing of what it will answer in a second.
  if (response.status < 500) noteUnkept(led, why)
  return visit.giver.passed(visit, response, why)
}

/**
 * Remembers for the key of a request that its answers are not kept, unless that lies in this one request. What was kept of
 * it so far its origin has taken back: it is not used any more, not even stale. What it says to somebody with a
 * credential it has said to such requests alone.
 */
export function noteUnkept({ visit, known }: Lead, why: Detail): void {
  if (OF_ONE_REQUEST.has(why)) return
  markUnkept(visit, why)
  const isForAll = credentialOf(visit.arrived, visit.cached.settings) === undefined
  if (known && isForAll) withdraw(visit, known)
}

function withdraw(visit: Visit, { head }: Found): void {
  const { passage, cached } = visit
  const { colo, kv } = tiersOf(visit)
  const { tiers } = cached.settings
  const name = nameOfKey(head.key)
  // Where it does not work, it goes when its time there is over.
  if (tiers.colo) passage.ctx.waitUntil(colo.delete(name).catch(() => undefined))
  if (tiers.kv) passage.ctx.waitUntil(kv.forget(name, passage.arrivedAtMs))
}
