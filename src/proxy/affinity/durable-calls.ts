import { createSessionsClient } from '../../../durable/session-methods.ts'
import { formerShardsOf, shardOf, type Sharding } from '../../core/affinity/shard.ts'
import type { CompiledRoute } from '../../core/snapshot.ts'
import type { Affinity } from '../../schema/affinity.ts'
import type { Passage } from '../passage.ts'
import type { DurableMemory } from './durable-memory.ts'
import { type CachedSession, keepSession, setData } from './session-cache.ts'
import {
  areTouchesDue,
  isTouchDue,
  type Placed,
  queueTouch,
  tellOf,
  tellTouches,
  TOUCH,
  type TouchCase,
} from './session-touches.ts'

/** A request on a route that keeps its sessions in the objects. */
export interface DurableCase {
  readonly passage: Passage
  readonly route: CompiledRoute
  readonly affinity: Affinity
  readonly memory: DurableMemory
}

/** How long a request waits for where its client belongs, before it goes where it would go if nobody knew. */
const OPEN_TIMEOUT_MS = 500

/** Nobody waits for these. */
const TOUCH_TIMEOUT_MS = 2000

/**
 * Asks the objects where the client belongs, and keeps what they say. When they do not answer in time what was proposed
 * stands: they hear of it as soon as they are back, and for some seconds nobody waits for that shard again.
 */
export async function openAtShard(about: DurableCase, session: CachedSession): Promise<void> {
  const { passage, memory } = about
  const { counts, missedAtMs, cache } = memory
  const { key, origin, lifetime } = session
  const sharding = shardingOf(passage)
  const shard = shardOf(key, sharding.shards)
  const nowMs = Date.now()
  if (isAway(memory, shard)) {
    counts.unasked += 1
    return keepNew(about, session)
  }
  counts.opened += 1
  const former = formerShardsOf(key, sharding, nowMs)
  const client = createSessionsClient(passage.env, shard, OPEN_TIMEOUT_MS)
  // Since when it is bound, by the clock of this isolate: so an answer that is our own proposal is known by it.
  const { isHeld, boundAtMs } = session
  const bound = { origin, boundAtMs, isHeld, lifetime }
  const called = await client.call('open', { key, ...bound, former })
  if (!called.ok) {
    counts.unreachable += 1
    missedAtMs.set(shard, Date.now())
    return keepNew(about, session)
  }
  const { value } = called
  session.syncedAtMs = Date.now()
  session.isEnded = value.gone
  if (!value.gone) {
    session.origin = value.origin
    session.boundAtMs = value.boundAtMs
    session.dataAtMs = value.dataAtMs
    setData(cache, session, value.data)
  }
  keepSession(cache, session)
}

/** Keeps a session that the objects have not heard of: they do with the next batch. */
export function keepNew(about: DurableCase, session: CachedSession): void {
  keepSession(about.memory.cache, session)
  tellSoon(about, session)
}

/** Takes note that a session is used: now and then the objects hear of it. */
export function noteUse({ passage, memory }: DurableCase, session: CachedSession): void {
  const nowMs = passage.arrivedAtMs
  if (isTouchDue(session, nowMs)) queueTouch(memory.touches, session, nowMs)
}

/** Tells the objects of a session with the next batch. */
export function tellSoon(about: DurableCase, session: CachedSession): void {
  queueTouch(about.memory.touches, session, about.passage.arrivedAtMs)
  armTouches(about)
}

/** Sees to it that what there is to tell is told, after this request if need be. True when this one does. */
export function armTouches(about: DurableCase): boolean {
  const { passage, memory } = about
  if (!areTouchesDue(memory.touches, passage.arrivedAtMs)) return false
  passage.ctx.waitUntil(tellTouches(toTouchCase(about)))
  return true
}

/** Tells the objects of a session now, after this request: others should know. */
export function tellNow(about: DurableCase, session: CachedSession): void {
  const { touches } = about.memory
  const touchCase = toTouchCase(about)
  const placed = touchCase.place(session)
  if (touchCase.isAway(placed.shard)) return tellSoon(about, session)
  touches.waiting.delete(session)
  about.passage.ctx.waitUntil(tellOf(touchCase, [placed]))
}

function toTouchCase({ passage, memory }: DurableCase): TouchCase {
  const { missedAtMs, counts, cache, touches } = memory
  return {
    touches,
    cache,
    place(session) {
      const sharding = shardingOf(passage)
      const former = formerShardsOf(session.key, sharding, Date.now())
      return { session, shard: shardOf(session.key, sharding.shards), former }
    },
    isAway: (shard) => isAway(memory, shard),
    onCorrection: () => void (counts.corrected += 1),
    async post(shard, placed) {
      const client = createSessionsClient(passage.env, shard, TOUCH_TIMEOUT_MS)
      const called = await client.call('touch', { items: placed.map(toItem) })
      if (called.ok) missedAtMs.delete(shard)
      else missedAtMs.set(shard, Date.now())
      return called.ok ? called.value.items : undefined
    },
  }
}

function isAway({ missedAtMs }: DurableMemory, shard: number): boolean {
  const atMs = missedAtMs.get(shard)
  return atMs !== undefined && Math.abs(Date.now() - atMs) < TOUCH.pauseMs
}

function toItem({ session, former }: Placed) {
  const { key, origin, boundAtMs, usedAtMs, lifetime, isHeld, from, dataAtMs } = session
  const bound = { origin, boundAtMs, usedAtMs, lifetime, isHeld, from }
  return { key, former: [...former], ...bound, data: session.unsaid, dataAtMs }
}

/** By the snapshot of now: it may be newer than the one that the request began with. */
function shardingOf({ isolate, standing }: Passage): Sharding {
  const { settings, formerShards } = (isolate.standing ?? standing).snapshot
  return { shards: settings.sessions.shards, former: formerShards }
}
