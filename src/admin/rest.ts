import type { Called } from '../../durable/client.ts'
import type { OriginDetail } from '../../durable/origin-methods.ts'
import type { PoolView } from '../schema/traffic.ts'
import type { PoolReport } from '../schema/traffic-answer.ts'
import { type Rest, toDrainReport } from '../state/traffic/drained.ts'
import type { AdminDeps } from './resource.ts'

/** What is left of a drain, by the objects of those origins that were asked. */
export function toRest(called: readonly Called<OriginDetail>[]): Rest {
  const [missing] = called.flatMap((each) =>
    each.ok ? [] : [`the object of an origin: ${each.error.message}`],
  )
  return { left: called.flatMap((each) => (each.ok ? [each.value] : [])), missing }
}

/** Most origins of a pool that are asked what is left there: each of them is a call. */
const MOST_ASKED = 200

/** Adds what is left of a pool while it drains: of all its origins together. */
export async function toPoolReport(
  { drain, ...view }: PoolView,
  { origin }: AdminDeps,
): Promise<PoolReport> {
  if (drain === undefined) return view
  const origins = [...view.origins, ...(view.leaving ?? [])]
  if (origins.length > MOST_ASKED) {
    const missing = `it has more than ${MOST_ASKED} origins: ask for each of them`
    return { ...view, drain: toDrainReport(drain, { left: [], missing }, Date.now()) }
  }
  const called = await Promise.all(
    origins.map((id) => origin(id).call('detail', { origin: id, isDraining: true })),
  )
  return { ...view, drain: toDrainReport(drain, toRest(called), Date.now()) }
}
