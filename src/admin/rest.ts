import type { Called } from '../../durable/client.ts'
import type { OriginDetail } from '../../durable/origin-methods.ts'
import type { DrainView, PoolView } from '../schema/traffic.ts'
import type { PoolReport } from '../schema/traffic-answer.ts'
import { type Rest, toDrainReport } from '../state/traffic/drained.ts'
import type { AdminDeps } from './resource.ts'
import { countSessions } from './session-counts.ts'

/** What is left of a drain. */
export type DrainAsked = Pick<Rest, 'sessions' | 'missing'>

/**
 * Counts the sessions that session objects keep at origins, where some route keeps any; asked once for all the
 * origins of an answer, and only if one of them drains.
 */
export async function countKept(
  views: readonly { readonly drain?: DrainView | undefined }[],
  deps: AdminDeps,
): Promise<(origins: readonly string[]) => DrainAsked> {
  const snapshot = deps.snapshot()
  const isKept = snapshot?.routes.some(({ route }) => route.affinity?.store === 'durable')
  if (!snapshot || !isKept || !views.some(({ drain }) => drain)) return () => ({})
  const { settings, formerShards: former } = snapshot
  const { origins: counts, missing } = await countSessions(
    { shards: settings.sessions.shards, former },
    deps,
  )
  return (origins) => ({
    sessions: origins.reduce((sum, origin) => sum + (counts[origin] ?? 0), 0),
    missing: missing === undefined ? undefined : `the session objects: ${missing}`,
  })
}

/** What is left of a drain, by the objects of those origins that were asked. */
export function toRest(called: readonly Called<OriginDetail>[], kept: DrainAsked): Rest {
  const [unknown] = called.flatMap((each) =>
    each.ok ? [] : [`the object of an origin: ${each.error.message}`],
  )
  const left = called.flatMap((each) => (each.ok ? [each.value] : []))
  return { left, sessions: kept.sessions, missing: unknown ?? kept.missing }
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
    return { ...view, drain: toDrainReport(drain, { left: [], missing }, Date.now()) }
  }
  const [kept, called] = await Promise.all([
    countKept([{ drain }], deps),
    Promise.all(
      origins.map((id) => deps.origin(id).call('detail', { origin: id, isDraining: true })),
    ),
  ])
  return { ...view, drain: toDrainReport(drain, toRest(called, kept(origins)), Date.now()) }
}
