import type { CachedRoute } from '../../cache/cached-route.ts'
import { type Holding, toHolding, toNothing } from '../../cache/holding.ts'
import { peek } from '../../cache/memory.ts'
import { type Arrived, type Looked, nameOfKey } from '../../cache/policy/key.ts'
import { judgeReuse, type Reuse } from '../../cache/policy/reuse.ts'
import type { Stored } from '../../cache/policy/stored.ts'
import { lookInShield, shieldFor } from '../../cache/shield.ts'
import { placeIn, toPlace } from '../../cache/residence.ts'
import type { Kept, Tier } from '../../cache/tier.ts'
import { createTierMemory } from '../../cache/tier-memory.ts'
import { openTiers } from '../../cache/tiers.ts'
import { situationOf } from '../../core/cache-situation.ts'
import type { FoundRoute } from '../../core/decide.ts'
import { purgeOf } from '../../core/purge.ts'
import type { CacheLook, TierHolding } from '../../schema/cache-report.ts'
import { within } from '../within.ts'
import { letGo } from './body.ts'
import type { LookDeps } from './look.ts'
import { isChanged } from './standing.ts'

/** A request whose standing is looked at. */
export interface Looking extends LookDeps {
  readonly cached: CachedRoute
  readonly found: FoundRoute
  readonly arrived: Arrived
  readonly asked: Looked
  readonly nowMs: number
}

/** Longer than a request would wait: whoever looks wants to know. */
const LOOK_TIMEOUT_MS = 2000

/** What every tier holds for a request. */
export async function lookInTiers(looking: Looking): Promise<NonNullable<CacheLook['tiers']>> {
  const { cached, asked, env } = looking
  const { tiers } = cached.settings
  const places = { storage: caches, namespace: env.CACHE, host: asked.url.host }
  const { colo, kv } = openTiers(places, createTierMemory())
  const [inColo, inKv, inShield] = await Promise.all([
    tiers.colo ? lookIn(colo, looking) : OFF,
    tiers.kv ? lookIn(kv, looking) : OFF,
    lookBehind(looking),
  ])
  return { memory: lookInMemory(looking), colo: inColo, kv: inKv, shield: inShield }
}

const OFF = toNothing('off', 'the route does not use it')
const NOTHING = toNothing('nothing', 'holds nothing')

function lookInMemory(looking: Looking): TierHolding {
  const { isolate, cached, asked, arrived, nowMs } = looking
  if (!cached.settings.tiers.memory) return OFF
  const { memory } = isolate.cache
  const { key, variants } = placeIn(memory, asked.key, arrived)
  const resident = peek(memory, key)
  if (resident?.type !== 'answer') return NOTHING
  if (variants && resident.head.requestedAtMs <= variants.sinceMs) return NOTHING
  return toHolding({ ...judge(looking, resident.head), hits: resident.hits }, nowMs)
}

async function lookIn(tier: Tier, looking: Looking): Promise<TierHolding> {
  try {
    const head = await within(LOOK_TIMEOUT_MS, readHead(tier, looking))
    return head === undefined ? NOTHING : toHolding(judge(looking, head), looking.nowMs)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return toNothing('unreachable', `cannot be asked: ${why}`)
  }
}

/** What the shield has in its memory. */
async function lookBehind(looking: Looking): Promise<TierHolding> {
  const { cached, asked, arrived, snapshot, env } = looking
  const { shields: shards } = snapshot.settings.cache
  const target = shieldFor(cached.settings.tiers, { key: asked.key, shards }, env.SHIELD)
  if (target === undefined) return OFF
  const first = await lookInShield(target, asked.key)
  const head =
    first !== null && first !== 'away' && 'sinceMs' in first
      ? await lookInShield(target, toPlace(asked.key, first, arrived).key)
      : first
  if (head === 'away') return toNothing('unreachable', 'is away, or slow')
  // One of several cannot have several itself.
  if (head === null || 'sinceMs' in head) return NOTHING
  return toHolding(judge(looking, head), looking.nowMs)
}

/** The head of the answer that fits; where its key has variants, of the one among them. */
async function readHead(tier: Tier, { asked, arrived }: Looking): Promise<Stored | undefined> {
  const kept = await take(tier, asked.key)
  if (kept?.type !== 'variants') return kept?.head
  const variant = await take(tier, toPlace(asked.key, kept.head, arrived).key)
  const isOfUse = variant?.type === 'answer' && variant.head.requestedAtMs > kept.head.sinceMs
  return isOfUse ? variant.head : undefined
}

async function take(tier: Tier, key: string): Promise<Kept | undefined> {
  const kept = await tier.get(nameOfKey(key))
  if (kept?.type === 'answer') letGo(kept.body)
  // Names are digests: what stands there says itself what it is.
  return kept?.head.key === key ? kept : undefined
}

function judge(looking: Looking, head: Stored): Pick<Holding, 'head' | 'purged' | 'reuse'> {
  const { isolate, snapshot, cached, arrived, nowMs } = looking
  const purged = purgeOf(snapshot.purges, head)
  const { respectNoCache } = cached.settings
  const moment = { nowMs, respectNoCache, purge: purged, ...situationIn(looking) }
  const reuse: Reuse = isChanged(isolate.cache, head)
    ? { type: 'validate' }
    : judgeReuse(head, arrived, moment)
  return { head, purged, reuse }
}

function situationIn({ isolate, snapshot, found, nowMs }: Looking) {
  const observations = isolate.standing?.ledger
  if (observations === undefined) return { situation: 'well' } as const
  const situation = situationOf(found.route, {
    snapshot,
    observations,
    nowMs,
    lastOutMs: undefined,
  })
  return situation.state === 'recovering'
    ? ({ situation: 'recovering', recoveringSinceMs: situation.sinceMs } as const)
    : ({ situation: 'well' } as const)
}
