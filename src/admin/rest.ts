import type { Called } from '../../durable/client.ts'
import type { OriginDetail } from '../../durable/origin-methods.ts'
import type { Snapshot } from '../core/snapshot.ts'
import type { DrainView, PoolView } from '../schema/traffic.ts'
import type { PoolReport } from '../schema/traffic-answer.ts'
import { type Left, type Rest, toDrainReport } from '../state/traffic/drained.ts'
import type { AdminDeps } from './resource.ts'
import { countSessions } from './session-counts.ts'

/** Who may come back to what drains. */
export type Kept = Pick<Rest, 'sessions' | 'mayReturn' | 'missing'>

/** Asked for a pool and those of its origins that drain. */
type AskKept = (pool: string, origins: readonly string[]) => Kept

/**
 * Finds out who may come back to what drains: by the cookies of which routes, and how many of the sessions that
 * session objects keep; those are asked once for all the origins of an answer, and only if one of them drains.
 */
export async function askKept(
  views: readonly { readonly drain?: DrainView | undefined }[],
  deps: AdminDeps,
): Promise<AskKept> {
  const snapshot = deps.snapshot()
  // Nobody knows: it is not said of anything that it is over before its time.
  if (snapshot === undefined) return () => ({ mayReturn: true })
  const isKept = snapshot.routes.some(({ route }) => route.affinity?.store === 'durable')
  if (!isKept || !views.some(({ drain }) => drain)) {
    return (pool) => ({ mayReturn: hasCookies(snapshot, pool) })
  }
  const { settings, formerShards: former } = snapshot
  const sharding = { shards: settings.sessions.shards, former }
  const { origins: counts, missing } = await countSessions(sharding, deps)
  return (pool, origins) => ({
    mayReturn: hasCookies(snapshot, pool),
    sessions: origins.reduce((sum, origin) => sum + (counts[origin] ?? 0), 0),
    missing: missing === undefined ? undefined : `the session objects: ${missing}`,
  })
}

/** Whether some route binds clients to a pool by a cookie alone. */
function hasCookies({ routes, pools }: Snapshot, pool: string): boolean {
  return routes.some(({ route, steer, writes }) => {
    // Where nobody remembers, equal keys go elsewhere as soon as it drains.
    if (route.affinity?.store !== 'cookie' || steer === undefined) return false
    const own = [...steer.pools, steer.fallback, ...(writes?.pools ?? [])]
    return own.some((at) => at !== undefined && pools[at]?.id === pool)
  })
}

/** What is left of a drain, by the objects of those origins that were asked. */
export function toRest(called: readonly Called<OriginDetail>[], kept: Kept): Rest {
  const left: Left[] = []
  let { missing } = kept
  for (const each of called) {
    if (!each.ok) missing = `the object of an origin: ${each.error.message}`
    else if (each.value.passing === undefined) missing = 'the object of an origin is older'
    else left.push({ connections: each.value.connections, passing: each.value.passing })
  }
  return { ...kept, left, missing }
}

/** Most origins of a pool that are asked what is left there: each of them is a call. */
const MOST_ASKED = 200

/** Adds what is left of a pool while it drains: of all its origins together. */
export async function toPoolReport(
  { drain, ...view }: PoolView,
  deps: AdminDeps,
): Promise<PoolReport> {
  if (drain === undefined) return view
  const origins = [...view.origins, ...(view.leaving ?? [])]
  if (origins.length > MOST_ASKED) {
    const missing = `it has more than ${MOST_ASKED} origins: ask for each of them`
    const rest = { left: [], mayReturn: true, missing }
    return { ...view, drain: toDrainReport(drain, rest, Date.now()) }
  }
  const [kept, called] = await Promise.all([
    askKept([{ drain }], deps),
    Promise.all(
      origins.map((id) => deps.origin(id).call('detail', { origin: id, isDraining: true })),
    ),
  ])
  return {
    ...view,
    drain: toDrainReport(drain, toRest(called, kept(view.id, origins)), Date.now()),
  }
}
