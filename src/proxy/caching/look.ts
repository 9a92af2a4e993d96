import type { CachedRoute } from '../../cache/cached-route.ts'
import { type Asked, toAsked } from '../../cache/policy/key.ts'
import { placeIn } from '../../cache/residence.ts'
import type { LookQuestion } from '../../cache/view.ts'
import { findRoute, type FoundRoute } from '../../core/decide.ts'
import type { Snapshot } from '../../core/snapshot.ts'
import type { Env } from '../../env.ts'
import type { CacheLook, TierHolding } from '../../schema/cache-report.ts'
import type { RequestFacts } from '../../schema/facts.ts'
import { toFacts } from '../facts.ts'
import { type Isolate, standingOf } from '../isolate.ts'
import { parseRequestUrl, type RequestUrl } from '../request-url.ts'
import { toArrived } from './arrived.ts'
import { markFor } from './hit-for-miss.ts'
import { lookInTiers, type Looking } from './look-tiers.ts'

/** The isolate that looks, and what it reaches. */
export interface LookDeps {
  readonly isolate: Isolate
  readonly snapshot: Snapshot
  readonly env: Pick<Env, 'CACHE' | 'SHIELD'>
}

/** Tells what the cache holds for a request and what would become of it, in words. Fetches, stores and counts nothing. */
export async function lookAtCache(question: LookQuestion, deps: LookDeps): Promise<CacheLook> {
  const headers = new Headers(question.headers)
  const parsed = parseRequestUrl(question.url, headers)
  if (!parsed.ok) return uncached(question.url, parsed.detail)
  const facts = factsOf(question, { url: parsed.url, headers }, deps.snapshot)
  const found = findRoute(facts, deps.snapshot)
  if (found === undefined) return uncached(question.url, 'no route takes this request')
  const { caches } = standingOf(deps.isolate, deps.snapshot, facts.nowMs)
  const cached = caches.get(found.route.id)
  if (cached === undefined) {
    return uncached(question.url, `the route "${found.route.id}" has no cache`, found.route.id)
  }
  const arrived = toArrived({ facts, found, url: parsed.url, headers })
  const asked = toAsked(cached.keying, arrived)
  if (asked.type !== 'look') return past(question.url, cached, asked)
  return look({ ...deps, cached, found, arrived, asked, nowMs: facts.nowMs })
}

function factsOf(
  { method, country }: LookQuestion,
  { url, headers }: { readonly url: RequestUrl; readonly headers: Headers },
  snapshot: Snapshot,
): RequestFacts {
  const client = country === undefined ? {} : { country }
  return toFacts(headers, snapshot, { method, url, client, nowMs: Date.now(), random: 0.5 })
}

async function look(looking: Looking): Promise<CacheLook> {
  const { isolate, asked, cached, arrived, nowMs } = looking
  const tiers = await lookInTiers(looking)
  const inOrder = [tiers.memory, tiers.colo, tiers.kv]
  const usable =
    inOrder.find(({ use }) => use === 'fresh') ?? inOrder.find(({ use }) => use === 'stale')
  const { cache: engine } = isolate
  const { key } = placeIn(engine.memory, asked.key, arrived)
  const why = markFor({ engine, arrived, cached, passage: { arrivedAtMs: nowMs } }, key)
  const verdict = usable === undefined ? 'miss' : usable.use === 'fresh' ? 'hit' : 'stale'
  return {
    url: `${asked.url.scheme}://${asked.url.authority}${asked.url.path}${asked.url.query}`,
    route: cached.id,
    key: asked.key,
    verdict,
    words: [
      decisionIn(verdict, usable, tiers),
      ...(why === undefined
        ? []
        : [`its last answer was not to be stored (${why}): for a minute nobody waits for it`]),
    ],
    tiers,
  }
}

function decisionIn(
  verdict: 'hit' | 'stale' | 'miss',
  usable: TierHolding | undefined,
  tiers: NonNullable<CacheLook['tiers']>,
): string {
  const from = Object.entries(tiers).find(([, holding]) => holding === usable)?.[0]
  switch (verdict) {
    case 'hit':
      return `answered from ${from}`
    case 'stale':
      return `answered from ${from}, stale, while one request fetches it anew`
    case 'miss':
      return tiers.shield.state === 'off'
        ? 'fetched from an origin'
        : 'asked of the shield, which answers or fetches it from an origin'
  }
}

function past(
  url: string,
  { id }: CachedRoute,
  asked: Exclude<Asked, { type: 'look' }>,
): CacheLook {
  const why = asked.type === 'bypass' ? asked.why : 'method'
  return { url, route: id, verdict: 'bypass', words: [`goes past the cache: ${why}`] }
}

function uncached(url: string, words: string, route?: FoundRoute['route']['id']): CacheLook {
  return { url, ...(route !== undefined && { route }), verdict: 'uncached', words: [words] }
}
