import { formerShardsOf, shardOf, type Sharding } from '../core/affinity/shard.ts'
import { describeAddress } from '../core/kernel/address.ts'
import { sessionKeyFor, sessionNameOf } from '../proxy/affinity/session-key.ts'
import type { Affinity } from '../schema/affinity.ts'
import { poolSetsOf } from '../schema/references.ts'
import type { Route } from '../schema/route.ts'
import type { SnapshotDocument } from '../schema/snapshot.ts'
import type { Lifetime } from '../state/session/session.ts'
import { findDocument } from './document.ts'
import { refuse } from './problem-details.ts'
import type { Parsed } from './query.ts'
import type { AdminDeps } from './resource.ts'

/** Which session somebody asks for. */
export interface SessionAsked {
  readonly route: string
  /** As the application has it. */
  readonly value: string
}

/** Where a session stands, and how long it lasts there. */
export interface SessionPlace {
  readonly key: string
  readonly shard: number
  readonly former: readonly number[]
  readonly lifetime: Lifetime
  /** Origins that the session may belong to. */
  readonly origins: ReadonlySet<string>
}

/** Finds the shard of a session, by the newest configuration; or the refusal that says why there is none. */
export async function findSessionPlace(
  { route: id, value }: SessionAsked,
  deps: AdminDeps,
): Promise<Parsed<SessionPlace>> {
  const found = await findDocument(deps)
  if (!found.ok) return found
  const { config } = found.value
  const route = Object.hasOwn(config.routes, id) ? config.routes[id] : undefined
  if (route === undefined) {
    return { ok: false, refusal: refuse('not-found', `there is no route "${id}"`) }
  }
  const { affinity } = route
  if (affinity?.store !== 'durable') {
    const detail = `the route "${id}" keeps no sessions: give its affinity the store "durable"`
    return { ok: false, refusal: refuse('conflict', detail) }
  }
  const key = sessionKeyFor(sessionNameOf(id, affinity.type, toValue(affinity, value)))
  const sharding = toSharding(found.value)
  const { ttl, idle = ttl } = affinity
  return {
    ok: true,
    value: {
      key,
      shard: shardOf(key, sharding.shards),
      former: formerShardsOf(key, sharding, Date.now()),
      lifetime: { ttlMs: ttl, idleMs: idle },
      origins: originsOf(route, found.value),
    },
  }
}

/** How the sessions of a deployment are spread. */
export function toSharding({ config, formerShards = [] }: SnapshotDocument): Sharding {
  return { shards: config.settings.sessions.shards, former: formerShards }
}

/** Any address of a client will do: of IPv6 its net counts. */
function toValue({ type }: Affinity, value: string): string {
  return type === 'ip' ? describeAddress(value) : value
}

function originsOf(
  { steer, writes }: Route,
  { config: { pools } }: SnapshotDocument,
): ReadonlySet<string> {
  const sets = steer === undefined ? [] : poolSetsOf(steer)
  const named = sets.flatMap(({ set }) => set.members.map(({ pool }) => pool))
  const ids = [...named, steer?.fallback, writes?.pool]
  const origins = ids.flatMap((id) => Object.keys(pools[id ?? '']?.origins ?? {}))
  return new Set(origins)
}
