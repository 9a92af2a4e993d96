import type { Engine } from '../../cache/engine.ts'
import { isInvalidated } from '../../cache/invalidations.ts'
import type { ResidentAnswer } from '../../cache/resident.ts'
import { judgeReuse, type Moment, type Reuse } from '../../cache/policy/reuse.ts'
import type { Stored } from '../../cache/policy/stored.ts'
import { lastOutMs } from '../../cache/outages.ts'
import type { CacheSight } from '../../core/cache-situation.ts'
import { purgeOf, type Purged } from '../../core/purge.ts'
import type { Visit } from './visit.ts'

/** What a stored answer is good for now, purges and changes of its place included. */
export function judge(
  visit: Visit,
  head: Stored,
  seen: Pick<Moment, 'situation' | 'recoveringSinceMs' | 'purge'>,
): Reuse {
  const { passage, engine, cached, arrived } = visit
  const { respectNoCache } = cached.settings
  const verdict = judgeReuse(head, arrived, {
    nowMs: passage.arrivedAtMs,
    respectNoCache,
    ...seen,
  })
  const isUsed = verdict.type === 'fresh' || verdict.type === 'stale'
  // What has changed since is asked about, and not used before that.
  return isUsed && isChanged(engine, head) ? VALIDATE : verdict
}

/** Whether an unsafe request has changed it since, as far as this isolate saw that. */
export function isChanged({ invalidations, voided }: Engine, head: Stored): boolean {
  return isInvalidated(invalidations, head) || voided.has(head)
}

const VALIDATE: Reuse = { type: 'validate' }

/** What purges say of an answer in memory: it remembers those that did not mean it. */
export function purgedResident({ passage }: Visit, resident: ResidentAnswer): Purged {
  const { purges } = passage.standing.snapshot
  if (purges.newest <= resident.asOf) return 'none'
  const purged = purgeOf(purges, { ...resident.head, asOf: resident.asOf })
  if (purged === 'none') resident.asOf = purges.newest
  return purged
}

/** What the situation of the route is seen from. */
export function sightOf({ passage, engine, found }: Visit): CacheSight {
  const { snapshot, ledger } = passage.standing
  const nowMs = Date.now()
  const outMs = lastOutMs(engine.outages, found.route.id)
  return { snapshot, observations: ledger, nowMs, lastOutMs: outMs }
}
