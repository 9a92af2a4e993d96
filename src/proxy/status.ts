import type { Isolate } from './isolate.ts'

/** What an isolate knows of itself, as `GET /status` answers it. Counters run since the isolate began. */
export function toStatus(isolate: Isolate, nowMs: number) {
  const { source, standing, mirrors, requests, retries, retriesDenied, refusals, mistakes } =
    isolate
  const { snapshot, refreshedAtMs, busySinceMs: _busy, ...reads } = source
  return {
    ...(snapshot && {
      revision: snapshot.revision,
      generation: snapshot.generation,
      publishedAtMs: snapshot.publishedAtMs,
      snapshotAgeMs: Math.max(0, nowMs - refreshedAtMs),
    }),
    isolate: { requests, retries, retriesDenied, refusals, mistakes, mirrors },
    snapshotReads: reads,
    origins: standing?.ledger.origins.map((record) => ({
      id: record.id,
      requests: record.requests,
      failures: record.failures,
      ejections: record.ejections,
      inFlight: record.inFlight,
      latencyMs: record.latencyMs,
      ejectedForMs: Math.max(0, record.ejectedUntilMs - nowMs),
      ejectedFor: record.ejectedUntilMs > nowMs ? record.ejectedFor : undefined,
    })),
  }
}
