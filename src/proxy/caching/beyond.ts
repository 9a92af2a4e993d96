import type { KeptAnswer } from '../../cache/colo.ts'
import type { Flight } from '../../cache/flight.ts'
import { KV_LIMITS } from '../../cache/kv-admission.ts'
import { getInTime } from '../../cache/lookup.ts'
import { nameOfKey } from '../../cache/policy/key.ts'
import { knowVariants, placeIn, toPlace } from '../../cache/residence.ts'
import type { Kept, KeptBody, Tier } from '../../cache/tier.ts'
import { openTiers, type Tiers } from '../../cache/tiers.ts'
import { purgeOf } from '../../core/purge.ts'
import { letGo } from './body.ts'
import type { Found } from './giver.ts'
import { moveToPlace } from './leading.ts'
import { judge } from './standing.ts'
import type { Visit } from './visit.ts'

/** The tiers beyond the isolate, for one request. */
export function tiersOf({
  passage,
  engine,
  asked,
}: Pick<Visit, 'passage' | 'engine' | 'asked'>): Tiers {
  const places = { storage: caches, namespace: passage.env.CACHE, host: asked.url.host }
  return openTiers(places, engine.tiers)
}

/** What a look goes by. */
interface Looking {
  /** What memory has. */
  readonly known?: Found | undefined
  /** Of whoever looks for others as well. */
  readonly flight?: Flight
}

/**
 * The best that the tiers beyond the isolate have for a request: the first that is fresh, else the newest of which some
 * use can be made.
 */
export async function lookBeyond(
  visit: Visit,
  { known, flight }: Looking = {},
): Promise<Found | undefined> {
  const { tiers: settings } = visit.cached.settings
  if (!settings.colo && !settings.kv) return undefined
  const { colo, kv } = tiersOf(visit)
  const near = settings.colo ? await lookIn(visit, colo, flight) : undefined
  // What is near is not asked for far away.
  const isLooked = settings.kv && !isFresh(visit, near) && !isTooShort(near ?? known)
  return isLooked ? toNewer(near, await lookIn(visit, kv, flight)) : near
}

function isFresh(visit: Visit, found: Found | undefined): boolean {
  if (found === undefined) return false
  return judge(visit, found.head, { situation: 'well', purge: found.purge }).type === 'fresh'
}

/** What was last kept under a key for so short is not in KV, and what comes after it hardly is. */
function isTooShort(last: Found | undefined): boolean {
  return last !== undefined && last.head.freshMs - last.head.initialAgeMs < KV_LIMITS.freshMs
}

function toNewer(near: Found | undefined, far: Found | undefined): Found | undefined {
  if (near === undefined || far === undefined) return near ?? far
  const isFarNewer = far.head.receivedAtMs > near.head.receivedAtMs
  letGo((isFarNewer ? near : far).body)
  return isFarNewer ? far : near
}

async function lookIn(
  visit: Visit,
  tier: Tier,
  flight: Flight | undefined,
): Promise<Found | undefined> {
  const { engine, asked, arrived } = visit
  const place = placeIn(engine.memory, asked.key, arrived)
  const kept = await get(visit, tier, place.key)
  if (kept === undefined || kept.type === 'answer') {
    return toFound(visit, tier, { kept, key: place.key, sinceMs: place.variants?.sinceMs ?? 0 })
  }
  if (kept.head.key !== asked.key) return undefined
  knowVariants(engine.memory, kept.head)
  if (flight) moveToPlace(visit, flight)
  const { key } = toPlace(asked.key, kept.head, arrived)
  const variant = await get(visit, tier, key)
  return toFound(visit, tier, { kept: variant, key, sinceMs: kept.head.sinceMs })
}

function get({ engine }: Visit, tier: Tier, key: string): Promise<Kept | undefined> {
  return getInTime(tier, nameOfKey(key), { memory: engine.tiers, nowMs: Date.now() })
}

interface Looked {
  readonly kept: Kept | undefined
  readonly key: string
  /** What was asked for before is void. */
  readonly sinceMs: number
}

/** What was found, if it is what was looked for: names are digests, and purges and changes come after. */
async function toFound(
  visit: Visit,
  { id }: Tier,
  { kept, key, sinceMs }: Looked,
): Promise<Found | undefined> {
  if (kept?.type !== 'answer') return undefined
  const { head } = kept
  const purge = purgeOf(visit.passage.standing.snapshot.purges, head)
  if (head.key !== key || purge === 'hard' || head.requestedAtMs <= sinceMs) {
    letGo(kept.body)
    return undefined
  }
  const body = await toResidentBody(visit, kept)
  return body === undefined ? undefined : { head, body, from: id, resident: undefined, purge }
}

/** The body, read whole where memory takes it; `undefined` where it turns out not to be whole. */
async function toResidentBody(
  { engine, cached }: Visit,
  { head, body }: KeptAnswer,
): Promise<KeptBody | undefined> {
  const isResident =
    cached.settings.tiers.memory && (head.bodyBytes ?? Infinity) <= engine.memory.bounds.objectBytes
  if (!isResident || !(body instanceof ReadableStream)) return body
  return new Response(body).arrayBuffer().catch(() => undefined)
}
