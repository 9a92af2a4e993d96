import type { SessionCounts } from '../../durable/session-methods.ts'
import type { Sharding } from '../core/affinity/shard.ts'
import type { SessionTotals } from '../schema/session.ts'
import type { AdminDeps } from './resource.ts'

/** Shards that are asked at the same time. */
const AT_ONCE = 64

/**
 * Counts the sessions of all shards. Where their number was another one of late, sessions that nobody has used since
 * stand at the shards of then: they are counted too.
 */
export async function countSessions(
  { shards, former }: Sharding,
  { sessions }: Pick<AdminDeps, 'sessions'>,
): Promise<SessionTotals> {
  const nowMs = Date.now()
  const alive = former.filter(({ untilMs }) => untilMs > nowMs)
  const most = Math.max(shards, ...alive.map((each) => each.shards))
  const queue = Array.from({ length: most }, (_, shard) => shard)
  const counts: SessionCounts[] = []
  const missing: string[] = []
  const work = async (): Promise<void> => {
    for (let shard = queue.shift(); shard !== undefined; shard = queue.shift()) {
      const called = await sessions(shard).call('counts', {})
      if (called.ok) counts.push(called.value)
      else missing.push(`shard ${shard}: ${called.error.message}`)
    }
  }
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, most) }, work))
  const [first] = missing
  const more = missing.length > 1 ? `, and ${missing.length - 1} more` : ''
  return { ...sum(counts), shards, ...(first !== undefined && { missing: first + more }) }
}

function sum(counts: readonly SessionCounts[]) {
  const origins: Record<string, number> = {}
  const total = { sessions: 0, expired: 0, evicted: 0 }
  for (const { sessions, expired, evicted, origins: each } of counts) {
    total.sessions += sessions
    total.expired += expired
    total.evicted += evicted
    for (const [origin, count] of Object.entries(each)) {
      origins[origin] = (origins[origin] ?? 0) + count
    }
  }
  return { ...total, origins }
}
