import { findHome } from '../../core/affinity/bond.ts'
import { signingKeyAt } from '../../core/affinity/signing-key.ts'
import { type AffinityToken, writeToken, writeWrote } from '../../core/affinity/token.ts'
import { isWrite } from '../../core/course.ts'
import type { SteerDecision } from '../../core/decision.ts'
import type { Bond } from '../../schema/bond.ts'
import type { RequestFacts } from '../../schema/facts.ts'
import type { Isolate, Standing } from '../isolate.ts'
import type { Passage } from '../passage.ts'
import type { Answered } from '../trip.ts'
import {
  attributesOf,
  type CookieAffinity,
  cookieAffinityOf,
  cookieNameOf,
  wroteNameOf,
} from './cookie-session.ts'
import { type Cookie, toSetCookie } from './cookies.ts'
import { keysOf } from './memory.ts'
import type { Session } from './session.ts'

/** What affinity changes in an answer. */
export interface AnswerChanges {
  /** Values of `Set-Cookie`. */
  readonly cookies: readonly string[]
  /** A header that is not for the client. */
  readonly strips: string | undefined
}

/** A request that was answered, on a route with affinity or a split of writes. */
export interface AnsweredCase {
  readonly facts: RequestFacts
  readonly decision: SteerDecision
  readonly outcome: Pick<Answered, 'origin' | 'status' | 'response'>
}

/** Where and when: what of a passage affinity goes by. */
export interface Place extends Pick<Passage, 'arrivedAtMs'> {
  readonly isolate: Pick<Isolate, 'affinity'>
  readonly standing: Pick<Standing, 'snapshot'>
}

/** What the client is to be told of where it belongs; undefined when it knows, as it mostly does. */
export function toAnswerChanges(
  place: Place,
  session: Session,
  answered: AnsweredCase,
): AnswerChanges | undefined {
  const bond = bondOf(place, session, answered)
  const { durable } = session
  if (durable) {
    const { outcome, decision } = answered
    const { origin, status, response } = outcome
    durable.answered({ origin, status, headers: response.headers, decision })
  }
  const due = [
    bond && toBoundCookie(place, session, { bond, route: answered.decision.route }),
    toWroteCookie(place, answered),
  ]
  const attributes = attributesOf(answered.decision.route)
  const cookies = due.flatMap((cookie) =>
    cookie ? toSetCookie(cookie, attributes, answered.facts.scheme) : [],
  )
  // Most answers say nothing of it, and are not copied for that.
  const { headers } = answered.outcome.response
  const strips =
    durable?.strips !== undefined && headers.has(durable.strips) ? durable.strips : undefined
  const isChanged = cookies.length > 0 || strips !== undefined
  return isChanged ? { cookies, strips } : undefined
}

/** Where the client belongs after this answer; undefined when it belongs nowhere, or this says nothing of it. */
function bondOf(
  { isolate, standing, arrivedAtMs }: Place,
  { facts: { bond } }: Session,
  { decision, outcome }: AnsweredCase,
): Bond | undefined {
  const { affinity, route } = decision
  if (affinity === undefined) return undefined
  const { counts } = isolate.affinity
  const { kept, left, binds } = affinity
  const origin = outcome.origin.id
  // Also where it was to leave, and nobody better could serve.
  if (bond?.origin === origin) {
    counts.kept += 1
    return bond
  }
  const home = bond && findHome(bond, route, standing.snapshot)
  if (bond && !home && !kept && !left) counts.foreign += 1
  // Whoever is served elsewhere for a while belongs where it did, and must not be forgotten for that.
  if (!binds) return home && bond
  // Nobody is bound by an answer that counts as a failed attempt.
  if (route.route.retry.statuses.includes(outcome.status)) return undefined
  if (kept || left) counts.moved += 1
  else counts.bound += 1
  return { origin, boundAtMs: arrivedAtMs }
}

interface Binding {
  readonly bond: Bond
  readonly route: SteerDecision['route']
}

/** The cookie by which the client tells next time where it belongs, where that is news to it or grows old. */
function toBoundCookie(
  { isolate, standing, arrivedAtMs: nowMs }: Place,
  { token, durable }: Session,
  { bond, route }: Binding,
): Cookie | undefined {
  const affinity = cookieAffinityOf(route.route)
  if (affinity === undefined) return undefined
  const session = durable?.id
  const fresh = toFresh({ ...bond, ...(session !== undefined && { session }) }, affinity, nowMs)
  if (token && isSame(token, fresh) && !isRenewalDue(token, fresh, affinity)) return undefined
  const key = signingKeyAt(keysOf(isolate.affinity, standing.snapshot.keyring), nowMs)
  if (key === undefined) return undefined
  const name = cookieNameOf(route)
  return { name, value: writeToken(key, name, fresh), maxAgeMs: fresh.expiresAtMs - nowMs }
}

function toFresh(
  bound: Pick<AffinityToken, 'origin' | 'boundAtMs' | 'session'>,
  { ttl, idle = ttl }: CookieAffinity,
  nowMs: number,
): AffinityToken {
  const expiresAtMs = Math.min(bound.boundAtMs + ttl, nowMs + idle)
  return { ...bound, usedAtMs: nowMs, expiresAtMs }
}

function isSame(token: AffinityToken, fresh: AffinityToken): boolean {
  return (
    token.origin === fresh.origin &&
    token.boundAtMs === fresh.boundAtMs &&
    token.session === fresh.session
  )
}

/** A part of the idle time after which the client gets its cookie anew: the idle time is as exact as that. */
const RENEWAL = 0.25

/** Only where it makes the cookie live longer: near the end of its `ttl`, and with no idle time, it does not. */
function isRenewalDue(
  token: AffinityToken,
  fresh: AffinityToken,
  { ttl, idle = ttl }: CookieAffinity,
): boolean {
  const isOld = fresh.usedAtMs - token.usedAtMs >= idle * RENEWAL
  return isOld && fresh.expiresAtMs - token.expiresAtMs >= 1000
}

/** A client that wrote reads for a while where it wrote. */
function toWroteCookie(
  { isolate, standing }: Place,
  { facts, decision, outcome }: AnsweredCase,
): Cookie | undefined {
  const { route } = decision
  const { writes } = route.route
  const isToKeep = writes !== undefined && writes.keep > 0 && isWrite({ facts })
  if (!isToKeep || outcome.status >= 500) return undefined
  // From the answer on: until then the write was not there to be read.
  const nowMs = Date.now()
  const key = signingKeyAt(keysOf(isolate.affinity, standing.snapshot.keyring), nowMs)
  if (key === undefined) return undefined
  const name = wroteNameOf(route)
  return { name, value: writeWrote(key, name, nowMs + writes.keep), maxAgeMs: writes.keep }
}
