import { countsOf } from '../../cache/counts.ts'
import type { ResidentAnswer } from '../../cache/resident.ts'
import { KV_LIMITS } from '../../cache/kv-admission.ts'
import { toAsked } from '../../cache/policy/key.ts'
import { residentFor } from '../../cache/residence.ts'
import type { FoundRoute } from '../../core/decide.ts'
import type { RequestFacts } from '../../schema/facts.ts'
import type { Result } from '../pass.ts'
import { confirm, isUnconfirmed } from '../confirm.ts'
import type { Passage } from '../passage.ts'
import { toArrived } from './arrived.ts'
import { fetchMissing } from './fetch-missing.ts'
import type { Found, HitNote } from './giver.ts'
import { offerResident } from './fill.ts'
import { passBy } from './pass-by.ts'
import { judge, purgedResident } from './standing.ts'
import type { Visit } from './visit.ts'

/** How a request goes on past the cache, and how what comes of it is given out. */
export type Means = Pick<Visit, 'onward' | 'giver' | 'isRenewal'> & Partial<Pick<Visit, 'engine'>>

/**
 * Answers a request of a route with a cache: from memory at once, without a promise, where that has something of use;
 * else from wherever it is.
 */
export function passCached(
  passage: Passage,
  facts: RequestFacts,
  { found, ...means }: Means & { readonly found: FoundRoute },
): Result | Promise<Result> {
  const { isolate, standing, headers, url } = passage
  const cached = standing.caches.get(found.route.id)
  if (cached === undefined) return means.onward(passage, facts, found)
  const { engine = isolate.cache } = means
  const counts = countsOf(engine.counts, cached.id)
  const arrived = toArrived({ facts, found, url, headers })
  const asked = toAsked(cached.keying, arrived)
  if (asked.type !== 'look') {
    return passBy({ passage, facts, found, cached, engine, counts, arrived, ...means }, asked)
  }
  const { onward, giver, isRenewal = false } = means
  const visit: Visit = {
    passage,
    facts,
    found,
    cached,
    engine,
    counts,
    arrived,
    asked,
    onward,
    giver,
    isRenewal,
  }
  const { confirmAfter: afterMs } = standing.snapshot.settings.cache
  const isLate = isUnconfirmed(isolate.source, { nowMs: passage.arrivedAtMs, afterMs })
  return isLate ? lookUpConfirmed(visit) : lookUp(visit)
}

/** An isolate that nobody asked for anything for a while hears of purges first, as one does that has just begun. */
async function lookUpConfirmed(visit: Visit): Promise<Result> {
  const { passage } = visit
  const { source } = passage.isolate
  await confirm(source)
  const { purges } = source.snapshot ?? passage.standing.snapshot
  const snapshot = { ...passage.standing.snapshot, purges }
  return lookUp({ ...visit, passage: { ...passage, standing: { ...passage.standing, snapshot } } })
}

function lookUp(visit: Visit): Result | Promise<Result> {
  const { engine, asked, arrived } = visit
  const resident = residentFor(engine.memory, asked.key, arrived)
  return resident === undefined ? fetchMissing(visit, undefined) : useResident(visit, resident)
}

const FRESH: HitNote = {}

function useResident(visit: Visit, resident: ResidentAnswer): Result | Promise<Result> {
  const purge = purgedResident(visit, resident)
  const { head, body } = resident
  const verdict = judge(visit, head, { situation: 'well', purge })
  const known: Found = { head, body, from: 'memory', resident, purge }
  if (verdict.type === 'fresh') {
    resident.hits += 1
    if (resident.hits === KV_LIMITS.hits) offerResident(visit, resident)
    visit.counts.hits.memory += 1
    return visit.giver.stored(visit, known, FRESH)
  }
  return fetchMissing(visit, known)
}
