import { type Flight, flightOf, follow, land, takeOff } from '../../cache/flight.ts'
import { nominatesFields } from '../../cache/policy/bypass.ts'
import type { Forwarded } from '../../cache/policy/cache-status.ts'
import { isOnlyIfCached } from '../../cache/policy/reuse.ts'
import { isForOriginAlone } from '../../cache/policy/validation.ts'
import { placeIn, residentFor } from '../../cache/residence.ts'
import type { Result } from '../pass.ts'
import { lookBeyond } from './beyond.ts'
import { letGo } from './body.ts'
import { toForwarded } from './forwarded.ts'
import type { Found } from './giver.ts'
import { markFor } from './hit-for-miss.ts'
import { lead } from './lead.ts'
import type { Lead } from './leading.ts'
import { passBy } from './pass-by.ts'
import { refill } from './refill.ts'
import { giveSpare, patienceWith, spareIn } from './late.ts'
import { giveStale, staleRightOf } from './stale.ts'
import { isChanged, judge, purgedResident } from './standing.ts'
import type { Visit } from './visit.ts'

/**
 * Answers a request for which memory has nothing fresh: with what is stale where that may be used, else with what
 * another request is about to fetch, else from the tiers beyond, and at last from the origins.
 */
export function fetchMissing(visit: Visit, known: Found | undefined): Result | Promise<Result> {
  const right = known && staleRightOf(visit, known)
  if (known && right) return giveStale(visit, known, right)
  const { arrived } = visit
  if (isForOriginAlone(arrived) || nominatesFields(arrived)) {
    if (isOnlyIfCached(arrived)) return refuseToAsk()
    return passBy(
      visit,
      nominatesFields(arrived) ? { type: 'bypass', why: 'connection' } : { type: 'conditional' },
    )
  }
  // A hard purge leaves nothing that could even be asked about.
  const held = known?.purge === 'hard' ? undefined : known
  return share(visit, { known: held, forwarded: toForwarded(visit, known) })
}

interface Missing {
  /** What is at hand, and not good enough as it is. */
  readonly known: Found | undefined
  readonly forwarded: Forwarded
}

/** Fetches it for all who ask meanwhile, or waits for who does; alone, where to wait would be in vain. */
function share(visit: Visit, { known, forwarded }: Missing): Promise<Result> {
  const { arrived, engine, asked } = visit
  const { key } = placeIn(engine.memory, asked.key, arrived)
  const marked = markFor(visit, key)
  if (marked !== undefined) {
    const alone: Forwarded = { ...forwarded, detail: 'hit-for-miss' }
    // What is not kept anyway is asked for as the client asks for it.
    const isAsAsked = known === undefined
    return toOrigins(visit, { known, flight: undefined, forwarded: alone, isAsAsked })
  }
  if (known && isForOneUse(known)) return toOrigins(visit, { known, flight: undefined, forwarded })
  const flight = flightOf(engine.flights, key, Date.now())
  const fetched =
    flight === undefined
      ? begin(visit, { known, key, forwarded })
      : wait(visit, { known, flight, forwarded })
  // What is fetched for all must not end with this client.
  visit.passage.ctx.waitUntil(fetched.catch(() => undefined))
  return fetched
}

/** Whether an answer is never used without asking the origin. */
function isForOneUse({ head }: Found): boolean {
  return head.isValidatedAlways || head.freshMs === 0
}

const STALE: Forwarded = { fwd: 'stale' }

/** Another request fetches the same: what it gets is good for this one as well, if it comes in time. */
async function wait(
  visit: Visit,
  { known, flight, forwarded }: Missing & { readonly flight: Flight },
): Promise<Result> {
  const waitMs = waitOf(visit)
  const spare = spareIn(visit, known)
  const patienceMs = spare ? patienceWith(flight) : waitMs
  const landing = await follow(flight, Math.min(waitMs, patienceMs))
  const alone = { known, flight: undefined, forwarded }
  if (landing === 'late' && patienceWith(flight) === 0) return goOnLate(visit, alone)
  if (landing === 'late' || landing === 'unkept') return toOrigins(visit, alone)
  const isMoved = landing === 'moved'
  const goOn = (held: Found | undefined) =>
    isMoved ? share(visit, { known: held, forwarded }) : toOrigins(visit, { ...alone, known: held })
  const found = inMemory(visit) ?? (isMoved ? undefined : await lookBeyond(visit))
  if (found === undefined) return goOn(known)
  const isUsed = isNew(visit, found) || isFresh(visit, found)
  if (!isUsed) {
    const right = staleRightOf(visit, found)
    return right ? giveStale(visit, found, right) : goOn(found)
  }
  visit.counts.collapsed += 1
  return visit.giver.stored(visit, found, { forwarded: { ...forwarded, isCollapsed: true } })
}

/** How long it may wait yet: a flight may move, and another one be there to be waited for. */
function waitOf({ cached, passage }: Visit): number {
  const { waitForLeader } = cached.settings
  const waitedMs = Math.max(0, Date.now() - passage.arrivedAtMs)
  return Math.max(0, waitForLeader - waitedMs)
}

/** The origin has said nothing to the other request for so long that a copy has to do, if there is one. */
async function goOnLate(
  visit: Visit,
  alone: Missing & { readonly flight: undefined },
): Promise<Result> {
  const known = alone.known ?? (await lookBeyond(visit))
  return giveSpare(visit, known) ?? toOrigins(visit, { ...alone, known })
}

/** It has come since, and was fresh when it came, for however short: it answers all who have waited. */
function isNew({ passage, engine }: Visit, { head, purge }: Found): boolean {
  const isLate = head.receivedAtMs < passage.arrivedAtMs || purge !== 'none'
  if (isLate || head.isValidatedAlways || isChanged(engine, head)) return false
  return head.freshMs > head.initialAgeMs
}

function inMemory(visit: Visit): Found | undefined {
  const { engine, asked, arrived } = visit
  const resident = residentFor(engine.memory, asked.key, arrived)
  if (resident === undefined) return undefined
  const purge = purgedResident(visit, resident)
  if (purge === 'hard') return undefined
  return { head: resident.head, body: resident.body, from: 'memory', resident, purge }
}

function isFresh(visit: Visit, { head, purge }: Found): boolean {
  return judge(visit, head, { situation: 'well', purge }).type === 'fresh'
}

/** The first one for its key: others wait for it. Also a mistake of ours must not let them wait in vain. */
async function begin(
  visit: Visit,
  { known, key, forwarded }: Missing & { readonly key: string },
): Promise<Result> {
  const { flights } = visit.engine
  // Now: it may have waited for another one before.
  const flight = takeOff(flights, key, Date.now())
  try {
    return await lookAndFetch(visit, { known, flight, forwarded })
  } catch (error) {
    land(flights, flight, 'unkept')
    throw error
  }
}

/** Looks where memory is filled from, and then asks the origins. */
async function lookAndFetch(
  visit: Visit,
  { known, flight, forwarded }: Missing & { readonly flight: Flight },
): Promise<Result> {
  const { engine, counts } = visit
  const beyond = await lookBeyond(visit, { known, flight })
  const isNewer = beyond && beyond.head.receivedAtMs > (known?.head.receivedAtMs ?? 0)
  if (!isNewer) {
    if (beyond) letGo(beyond.body)
    return toOrigins(visit, { known, flight, forwarded })
  }
  const found = refill(visit, beyond)
  if (isFresh(visit, found)) {
    land(engine.flights, flight, 'kept')
    counts.hits[found.from] += 1
    return visit.giver.stored(visit, found, {})
  }
  const right = staleRightOf(visit, found)
  if (!right) return toOrigins(visit, { known: found, flight, forwarded: STALE })
  land(engine.flights, flight, 'kept')
  return giveStale(visit, found, right)
}

/** Sends it on. */
function toOrigins(
  visit: Visit,
  leading: Pick<Lead, 'known' | 'flight' | 'forwarded'> & Partial<Pick<Lead, 'isAsAsked'>>,
): Promise<Result> {
  const { arrived } = visit
  if (isOnlyIfCached(arrived)) {
    if (leading.flight) land(visit.engine.flights, leading.flight, 'unkept')
    return Promise.resolve(refuseToAsk())
  }
  return lead({ ...leading, visit, isBackground: false })
}

/** The client wants what is kept or nothing (RFC 9111 §5.2.1.7). Nothing was asked of an origin, so nothing is said of it. */
function refuseToAsk(): Response {
  return new Response(null, { status: 504 })
}
