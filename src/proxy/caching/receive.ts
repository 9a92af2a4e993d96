import { mark } from '../../cache/hit-for-miss.ts'
import { forget } from '../../cache/memory.ts'
import type { Detail } from '../../cache/policy/cache-status.ts'
import type { Exchange } from '../../cache/policy/judged.ts'
import { placeIn } from '../../cache/residence.ts'
import { judgeAnswer } from '../../cache/verdict.ts'
import type { Answered, Trip } from '../trip.ts'
import { lengthIn, letGo } from './body.ts'
import { keep } from './keep.ts'
import type { Lead } from './leading.ts'

/** An answer of an origin to a request that leads. */
export interface Received {
  readonly trip: Trip
  readonly outcome: Answered
  /** Whether it may be kept, as far as it hangs on who answered. */
  readonly isOfOrigins: boolean
}

/** Keeps an answer while it is given out, or remembers that it is not to be kept. */
export function receive(led: Lead, received: Received): Response | Promise<Response> {
  const { visit } = led
  const { response } = received.outcome
  visit.counts.misses += 1
  if (led.known) letGo(led.known.body)
  const bodyBytes = response.body === null ? 0 : lengthIn(response.headers)
  const exchange = toExchange(led, received)
  const verdict = received.isOfOrigins
    ? judgeAnswer({ ...visit, exchange, bodyBytes, asOf: asOfOf(led) })
    : ({ keep: false, why: 'fallback' } as const)
  if (!verdict.keep) return passOn(led, response, verdict.why)
  // The platform's types leave open what the pieces of a body are.
  const whole: ReadableStream<Uint8Array> | null = response.body
  const { head, body } = keep(led, verdict.head, whole)
  led.forwarded = { ...led.forwarded, status: response.status, isStored: true }
  // Those of an origin's answer cannot be changed.
  return visit.giver.fetched(visit, { head, headers: new Headers(response.headers), body })
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
  'authorization',
  'cookie',
  'method',
])

function passOn(led: Lead, response: Response, why: Detail): Response {
  const { visit } = led
  const { engine, arrived, asked, passage } = visit
  visit.counts.uncacheable += 1
  led.forwarded = { ...led.forwarded, status: response.status, detail: why }
  // An origin that fails says nothing of what it will answer in a second.
  if (response.status < 500 && !OF_ONE_REQUEST.has(why)) {
    const { key } = placeIn(engine.memory, asked.key, arrived)
    mark(engine.marks, key, passage.arrivedAtMs)
    forget(engine.memory, key)
  }
  return visit.giver.passed(visit, response, why)
}
