import type * as z from 'zod'
import type { ProbeRegion } from '../../src/schema/monitor.ts'
import { MonitorPlan, OriginPlan } from '../../src/schema/probe-plan.ts'
import { PassiveReport, ProbeReport, ProbeResult } from '../../src/schema/report.ts'

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
  return ProbeResult.parse({
    monitor: 'web',
    atMs: 0,
    ok: true,
    latencyMs: 40,
    detail: '',
    ...result,
  })
}

/** A failure, as a closed port makes it. */
export function failureOf(result: Partial<ProbeResult> = {}): ProbeResult {
  return resultOf({ ok: false, latencyMs: 3, detail: 'connection refused', ...result })
}

/** What the prober of a region reports. */
export function probeReportOf(
  region: ProbeRegion,
  report: Partial<z.input<typeof ProbeReport>> = {},
): ProbeReport {
  return ProbeReport.parse({
    region,
    prober: region,
    sequence: 1,
    plan: originPlanOf(),
    results: [],
    ...report,
  })
}

/** What an isolate reports: ten requests, none of which failed, unless said otherwise. */
export function passiveReportOf(
  report: Partial<z.input<typeof PassiveReport>> = {},
): PassiveReport {
  return PassiveReport.parse({
    isolate: 'a',
    sequence: 1,
    pool: 'us',
    requests: 10,
    failures: 0,
    errors: 0,
    latencies: {},
    inFlight: 0,
    ...report,
  })
}
