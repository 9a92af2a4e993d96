import type { AffinityToken } from '../../core/affinity/token.ts'
import type { SteerDecision } from '../../core/decision.ts'
import type { CompiledOrigin, CompiledRoute } from '../../core/snapshot.ts'
import type { Bond } from '../../schema/bond.ts'
import type { RequestFacts } from '../../schema/facts.ts'
import type { Passage } from '../passage.ts'
import { readCookies, setsCookies } from './cookie-session.ts'
import { openDurable } from './durable.ts'
import { keysOf } from './memory.ts'

/** What affinity knows of a request before it is decided, and what it needs when there is an answer. */
export interface Session {
  readonly facts: Pick<RequestFacts, 'bond' | 'wroteUntilMs'>
  /** What the client's cookie says, verified; undefined where it has none or the route sets none. */
  readonly token: AffinityToken | undefined
  /** Whether the request has cookies of this router, good or not: they are not for the origin. */
  readonly hasOurs: boolean
  /** Of the store "durable". */
  readonly durable?: DurableSession
}

/** What the session objects know of a client. */
export interface DurableSession {
  /** Of a route with cookies: names the session in them. */
  readonly id: string | undefined
  /** Where the client belongs; undefined when it belongs nowhere, whatever its cookie says. */
  readonly bond: Bond | undefined
  /** Whether this request sends something to the objects after its answer. */
  readonly outlives: boolean
  /** The header that goes between router and origin alone. */
  readonly strips?: string
  /**
   * Tells the objects, before anything is sent, where a client goes that belonged nowhere: where it belongs now, which
   * is another origin when another isolate was first. Undefined when they do not answer in time. Absent when the
   * client is known.
   */
  confirm?(decision: SteerDecision): Promise<Bond | undefined>
  /** Changes the headers for the origin. */
  toOrigin?(headers: Headers): void
  /** Takes note of who answered. Nothing waits for what follows from it. */
  answered(answer: SessionAnswer): void
}

/** An origin's answer, as far as sessions go. */
export interface SessionAnswer {
  readonly origin: CompiledOrigin
  readonly status: number
  readonly headers: Headers
  readonly decision: SteerDecision
}

/** Looks up where a client belongs: in its cookie without any wait, in a session object where the route says so. */
export function openSession(
  passage: Passage,
  route: CompiledRoute,
  facts: RequestFacts,
): Session | Promise<Session> {
  const { headers, isolate, standing, arrivedAtMs } = passage
  const memory = isolate.affinity
  keysOf(memory, standing.snapshot.keyring)
  const header = setsCookies(route) ? headers.get('cookie') : null
  const sources = { memory, nowMs: arrivedAtMs }
  const { token, imported, wroteUntilMs, hasOurs } = readCookies(header, route, sources)
  const toWhole = (bond: Bond | undefined, durable?: DurableSession): Session => ({
    facts: { ...(bond && { bond }), ...(wroteUntilMs !== undefined && { wroteUntilMs }) },
    token,
    hasOurs,
    ...(durable && { durable }),
  })
  if (route.route.affinity?.store !== 'durable') {
    return toWhole(token === undefined ? imported : toBond(token))
  }
  const withDurable = (durable: DurableSession): Session =>
    toWhole(token === undefined ? (durable.bond ?? imported) : durable.bond, durable)
  const opened = openDurable(passage, route, { facts, token })
  return opened instanceof Promise ? opened.then(withDurable) : withDurable(opened)
}

function toBond({ origin, boundAtMs }: AffinityToken): Bond {
  return { origin, boundAtMs }
}
