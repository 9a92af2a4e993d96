import { toDurableStatus } from './affinity/durable-memory.ts'
import { toLimitStatus } from './limits/limits.ts'
import type { Engine } from '../cache/engine.ts'
import { toCacheStanding } from '../cache/standing.ts'
import type { Isolate, Standing } from './isolate.ts'
import { underWay } from './in-flight.ts'
import type { OriginRecord } from './origin-record.ts'
import type { Reports } from './reports.ts'
import { toSheddingStatus } from './shedding.ts'
import { circuitOf } from './trial.ts'

/** What this isolate knows of itself, as JSON. Another isolate has seen other requests and says otherwise. */
export function toStatus(isolate: Isolate, nowMs: number): unknown {
  const { source, standing, mirrors } = isolate
  const { snapshot, refreshedAtMs, busySinceMs: _, config: _config, ...lookups } = source
  return {
    revision: snapshot?.revision ?? 0,
    generation: snapshot?.generation ?? 0,
    ...(snapshot && { publishedAtMs: snapshot.publishedAtMs }),
    ...(snapshot && { snapshotAgeMs: nowMs - snapshot.publishedAtMs }),
    ...(refreshedAtMs > 0 && { lookedForNewerMsAgo: nowMs - refreshedAtMs }),
    isolate: {
      requests: isolate.requests,
      refusals: isolate.refusals,
      mistakes: isolate.mistakes,
      retries: isolate.retries,
      retriesDenied: isolate.retriesDenied,
      limits: toLimitStatus(isolate.limits),
      mirrors,
      reports: toReportStatus(isolate.reports),
      affinity: isolate.affinity.counts,
      sessions: toDurableStatus(isolate.durable),
      ...lookups,
    },
    origins: standing?.ledger.origins.map((record) => toOriginStatus(record, nowMs)) ?? [],
    ...(standing && toSheddingStatus(standing.ledger)),
    ...(standing && standing.caches.size > 0 && { cache: toCacheStatus(isolate.cache, standing) }),
  }
}

function toCacheStatus(engine: Engine, { snapshot }: Standing) {
  const { tiers, shields, flights, marks } = engine
  return {
    ...toCacheStanding(engine, snapshot.purges),
    tiers: tiers.standings,
    shields: shields.counts,
    underWay: flights.size,
    hitForMiss: marks.size,
  }
}

function toReportStatus({ isolate: id, sent, unanswered, untold }: Reports) {
  return { ...(id !== '' && { id }), sent, unanswered, untold }
}

function toOriginStatus(record: OriginRecord, nowMs: number) {
  const { sentAtMs, pending } = record.dispatch
  const { id, requests, failures, ejections, latencyMs, ejectedUntilMs } = record
  const ejectedForMs = Math.max(0, ejectedUntilMs - nowMs)
  return {
    origin: id,
    requests,
    failures,
    ejections,
    inFlight: underWay(record.open),
    ...(record.isCounted && { connections: record.inFlight }),
    ...(latencyMs !== undefined && { latencyMs: Math.round(latencyMs) }),
    circuit: circuitOf(record, nowMs),
    ...(ejectedForMs > 0 && { ejectedForMs, cause: record.ejectedFor }),
    ...(sentAtMs > 0 && { reportedMsAgo: nowMs - sentAtMs }),
    unreported: record.tally.requests + (pending?.requests ?? 0),
  }
}
