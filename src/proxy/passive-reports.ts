import { createOriginClient } from '../../durable/origin-methods.ts'
import type { CompiledPool } from '../core/snapshot.ts'
import type { Env } from '../env.ts'
import type { OriginRecord } from './origin-record.ts'
import type { Passage } from './passage.ts'
import { areReportsDue, type Post, report, reportAtOnce } from './reports.ts'

/** Shorter than the time between two calls, so that there is never more than one under way for an origin. */
const CALL_MS = 1500

/**
 * Sees to it that what is seen from now on is reported: some request has to, now and then, after its answer.
 * True when this one does.
 */
export function reportWhenDue({ isolate, standing, env, ctx }: Passage, nowMs: number): boolean {
  if (!areReportsDue(isolate.reports, nowMs)) return false
  const look = () => isolate.standing ?? standing
  ctx.waitUntil(report(isolate.reports, look, postTo(env)))
  return true
}

/** Reports at once that an origin was put aside: its probers look sooner for that. */
export function reportPutAside(
  { isolate, standing, env, ctx }: Passage,
  record: OriginRecord,
  pool: CompiledPool,
): void {
  const subject = { pool, record, revision: standing.snapshot.revision }
  ctx.waitUntil(reportAtOnce(isolate.reports, subject, postTo(env)))
}

function postTo(env: Env): Post {
  return async (origin, passiveReport) => {
    const called = await createOriginClient(env, origin, CALL_MS).call('passed', {
      origin,
      report: passiveReport,
    })
    return called.ok ? called.value : undefined
  }
}
