import type { ProbeRegion } from '../../src/schema/monitor.ts'
import { MonitorPlan, OriginPlan } from '../../src/schema/probe-plan.ts'
import type { PassiveReport, ProbeReport, ProbeResult } from '../../src/schema/report.ts'

/** Three regions, every 5 s, three failures in a row are down and two successes up. */
export function monitorPlanOf(plan: Partial<MonitorPlan> = {}): MonitorPlan {
  return MonitorPlan.parse({
    id: 'web',
    role: 'required',
    intervalMs: 5000,
    timeoutMs: 2000,
    fall: 3,
    rise: 2,
    regions: ['wnam', 'weur', 'apac'],
    ...plan,
  })
}

/** One monitor, and what a pool has by default. */
export function originPlanOf(plan: Partial<OriginPlan> = {}): OriginPlan {
  return OriginPlan.parse({
    revision: 1,
    origin: 'us-1',
    pool: 'us',
    monitors: [monitorPlanOf()],
    passive: { failureRate: 0.5, minRequests: 50, windowMs: 30_000 },
    holdDown: { baseMs: 60_000, maxMs: 1_800_000 },
    ...plan,
  })
}

/** A success after 40 ms. */
export function resultOf(result: Partial<ProbeResult> = {}): ProbeResult {
  return { monitor: 'web', atMs: 0, ok: true, latencyMs: 40, detail: '', ...result }
}

/** A failure, as a closed port makes it. */
export function failureOf(result: Partial<ProbeResult> = {}): ProbeResult {
  return resultOf({ ok: false, latencyMs: 3, detail: 'connection refused', ...result })
}

/** What the prober of a region reports. */
export function probeReportOf(region: ProbeRegion, report: Partial<ProbeReport> = {}): ProbeReport {
  const { plan = originPlanOf(), ...more } = report
  return { region, prober: region, sequence: 1, isBlind: false, plan, results: [], ...more }
}

/** What an isolate reports: ten requests, none of which failed, unless said otherwise. */
export function passiveReportOf(report: Partial<PassiveReport> = {}): PassiveReport {
  const counts = { requests: 10, failures: 0, errors: 0, latencies: {}, inFlight: 0 }
  return { isolate: 'a', sequence: 1, pool: 'us', ...counts, ejectedFor: '', ...report }
}
