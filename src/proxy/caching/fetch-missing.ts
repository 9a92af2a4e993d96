import { type Flight, flightOf, follow, takeOff } from '../../cache/flight.ts'
import { isMarked } from '../../cache/hit-for-miss.ts'
import { nominatesFields } from '../../cache/policy/bypass.ts'
import { type Forwarded, forwardStatus } from '../../cache/policy/cache-status.ts'
import { isOnlyIfCached } from '../../cache/policy/reuse.ts'
import { isForOriginAlone } from '../../cache/policy/validation.ts'
import { placeIn, residentFor } from '../../cache/residence.ts'
import type { Result } from '../pass.ts'
import type { Found } from './giver.ts'
import { lead } from './lead.ts'
import type { Lead } from './leading.ts'
import { passBy } from './pass-by.ts'
import { useStale } from './stale.ts'
import { judge, purgedResident } from './standing.ts'
import type { Visit } from './visit.ts'

/**
 * Answers a request for which memory has nothing fresh: with what is stale where that may be used, else with what
 * another request is about to fetch, else from the tiers beyond, and at last from the origins.
 */
export function fetchMissing(visit: Visit, known: Found | undefined): Result | Promise<Result> {
  const stale = known && useStale(visit, known)
  if (stale !== undefined) return stale
  const { arrived, engine, asked, passage } = visit
  if (isForOriginAlone(arrived) || nominatesFields(arrived)) {
    return passBy(
      visit,
      nominatesFields(arrived) ? { type: 'bypass', why: 'connection' } : { type: 'conditional' },
    )
  }
  const { key } = placeIn(engine.memory, asked.key, arrived)
  const flight = flightOf(engine.flights, key, passage.arrivedAtMs)
  if (isOnlyIfCached(arrived)) return refuseToAsk(visit, known)
  // A hard purge leaves nothing that could even be asked about.
  const held = known?.purge === 'hard' ? undefined : known
  if (isMarked(engine.marks, key, passage.arrivedAtMs)) {
    const forwarded: Forwarded = { ...toForwarded(visit, known), detail: 'hit-for-miss' }
    return toOrigins(visit, { known: held, flight: undefined, forwarded })
  }
  return flight === undefined ? begin(visit, held, key) : wait(visit, held, flight)
}

/** Another request fetches the same: what it gets is good for this one as well, if it comes in time. */
async function wait(visit: Visit, known: Found | undefined, flight: Flight): Promise<Result> {
  const { engine, asked, arrived, cached, passage } = visit
  const landing = await follow(flight, cached.settings.waitForLeader)
  const forwarded = toForwarded(visit, known)
  const resident = landing === 'kept' ? residentFor(engine.memory, asked.key, arrived) : undefined
  if (resident !== undefined) {
    const purge = purgedResident(visit, resident)
    // It has come since: an age of nothing is enough, and what is never fresh was asked about for this one, too.
    const isOfUse = purge === 'none' && resident.head.receivedAtMs >= passage.arrivedAtMs
    if (isOfUse || judge(visit, resident.head, { situation: 'well', purge }).type === 'fresh') {
      visit.counts.collapsed += 1
      const { head, body } = resident
      const found: Found = { head, body, from: 'memory', resident, purge }
      return visit.giver.stored(visit, found, { forwarded: { ...forwarded, isCollapsed: true } })
    }
  }
  return toOrigins(visit, { known, flight: undefined, forwarded })
}

/** The first one for its key: others wait for it. */
function begin(visit: Visit, known: Found | undefined, key: string): Promise<Result> {
  const { engine, passage } = visit
  const flight = takeOff(engine.flights, key, passage.arrivedAtMs)
  return toOrigins(visit, { known, flight, forwarded: toForwarded(visit, known) })
}

/** Sends it on. What it fetches is kept also when its client does not wait for it: others may. */
function toOrigins(
  visit: Visit,
  leading: Pick<Lead, 'known' | 'flight' | 'forwarded'>,
): Promise<Result> {
  const led = lead({ ...leading, visit, isBackground: false })
  visit.passage.ctx.waitUntil(led.catch(() => undefined))
  return led
}

function toForwarded({ arrived, asked, engine }: Visit, known: Found | undefined): Forwarded {
  if (known) return known.purge === 'none' ? { fwd: 'stale' } : { fwd: 'stale', detail: 'purged' }
  const { variants } = placeIn(engine.memory, asked.key, arrived)
  return { fwd: variants === undefined ? 'uri-miss' : 'vary-miss' }
}

function refuseToAsk(visit: Visit, known: Found | undefined): Response {
  const forwarded = { ...toForwarded(visit, known), detail: 'only-if-cached' } as const
  const status = forwardStatus(visit.cached.name, forwarded)
  return new Response(null, { status: 504, headers: { 'cache-status': status } })
}
