import type { ShieldPlace, ShieldService } from '../../../durable/shield.ts'
import type { CachedRoute, CachedRoutes } from '../../cache/cached-route.ts'
import { changeOf, invalidate } from '../../cache/invalidations.ts'
import { peek } from '../../cache/memory.ts'
import type { ShieldAsk } from '../../cache/shield-ask.ts'
import { toShieldResponse } from '../../cache/shield-wire.ts'
import { findRoute } from '../../core/decide.ts'
import type { Snapshot } from '../../core/snapshot.ts'
import { passCached } from '../caching/pass-cached.ts'
import { toIdentity } from '../identity.ts'
import { createIsolate, type Isolate, standingOf } from '../isolate.ts'
import { tidyLedger } from '../ledger.ts'
import { conclude, type Result } from '../pass.ts'
import type { Passage } from '../passage.ts'
import { placesOf } from '../places.ts'
import { parseRequestUrl } from '../request-url.ts'
import { isRefreshDue } from '../source.ts'
import { snapshotFor } from './catch-up.ts'
import { toShieldGiver } from './giver.ts'

/**
 * The data plane behind a cache of its own, for what the edges miss: looked up, fetched once for all who ask at the same
 * time, and reported of as by any isolate. All objects that the runtime keeps in one isolate share it, and so its bounds.
 */
export function createShieldService(): ShieldService {
  const isolate = createIsolate()
  return {
    begin: () => forgetUnderWay(isolate),
    look: (key) => peek(isolate.cache.memory, key)?.head ?? null,
    async answer(ask, place) {
      try {
        const result = await answer(isolate, ask, place)
        if (result instanceof Response) return result
        return toShieldResponse({ type: 'refused', reason: result }, null)
      } catch (error) {
        // A mistake in this program: whatever may go wrong outside is data. The edge asks the origin itself.
        isolate.mistakes += 1
        console.error('a shield did not answer', error)
        return behind('it made a mistake')
      }
    },
  }
}

/**
 * What an ended object has left under way nobody ends any more: another one reports and looks for snapshots. Where that
 * object still lives, something is said twice.
 */
function forgetUnderWay({ reports, source }: Isolate): void {
  reports.armedAtMs = 0
  source.busySinceMs = 0
}

async function answer(isolate: Isolate, ask: ShieldAsk, place: ShieldPlace): Promise<Result> {
  const isDue = isRefreshDue(isolate.source, Date.now())
  const snapshot = await snapshotFor(isolate.source, ask, {
    places: placesOf(place.env, ask.facts.host),
    later: (work) => place.ctx.waitUntil(work),
  })
  if (snapshot === undefined) return behind('its snapshot is another one')
  const passage = toPassage(isolate, snapshot, { ask, place })
  if (passage === undefined) return behind('it cannot read the URL')
  if (isDue) tidyLedger(passage.standing.ledger, passage.arrivedAtMs)
  // What the edge knows of the client, at this moment: shares and windows go by the clock of who decides.
  const facts = { ...ask.facts, nowMs: passage.arrivedAtMs }
  const found = findRoute(facts, snapshot)
  if (found?.route.id !== ask.route) return behind('another route')
  if (ask.changed) noteChange(isolate, ask.changed)
  // Limits were counted at the edge, and nobody belongs anywhere here.
  const giver = toShieldGiver(ask)
  const isRenewal = ask.isRenewal === true
  const engine = { ...isolate.cache, flights: place.flights }
  return passCached(passage, facts, { found, onward: conclude, giver, isRenewal, engine })
}

/** Of what edges have seen to change, the latest counts. */
function noteChange(
  { cache: { invalidations } }: Isolate,
  { atMs, ...place }: NonNullable<ShieldAsk['changed']>,
): void {
  if ((changeOf(invalidations, place) ?? 0) < atMs) invalidate(invalidations, place, atMs)
}

interface Asking {
  readonly ask: ShieldAsk
  readonly place: ShieldPlace
}

/** The request as it came to the edge, without its client: whoever has asked may leave, and others wait for the same. */
function toPassage(
  isolate: Isolate,
  snapshot: Snapshot,
  { ask, place: { env, ctx } }: Asking,
): Passage | undefined {
  const headers = new Headers(ask.headers)
  const parsed = parseRequestUrl(ask.url, headers)
  if (!parsed.ok) return undefined
  const arrivedAtMs = Date.now()
  const stood = standingOf(isolate, snapshot, arrivedAtMs)
  const standing = { ...stood, caches: withoutEdge(stood.caches) }
  isolate.requests += 1
  return {
    request: new Request(ask.url, { method: ask.method, headers }),
    env,
    ctx,
    headers,
    identity: toIdentity(headers, isolate.numbering),
    url: parsed.url,
    via: headers.get('via'),
    isolate,
    standing,
    arrivedAtMs,
    outlives: true,
    isLocal: env.PORTOLAN_LOCAL === 'true',
  }
}

const SHIELDING = new WeakMap<CachedRoutes, CachedRoutes>()

/** The caches of routes as a shield has them: nothing of one data centre, and no shield behind it. */
function withoutEdge(caches: CachedRoutes): CachedRoutes {
  const known = SHIELDING.get(caches)
  if (known) return known
  const made = new Map([...caches].map(toShielding))
  SHIELDING.set(caches, made)
  return made
}

function toShielding([id, cached]: readonly [string, CachedRoute]): [string, CachedRoute] {
  const { settings } = cached
  const tiers = { ...settings.tiers, colo: false, shield: false }
  return [id, { ...cached, settings: { ...settings, tiers } }]
}

function behind(why: string): Response {
  return toShieldResponse({ type: 'behind', why }, null)
}
