import * as z from 'zod'
import { Health } from './health.ts'
import { Id } from './id.ts'
import { ProbeRegion } from './monitor.ts'
import { OriginPlan } from './probe-plan.ts'
import { REPORT_LIMITS } from './report-limits.ts'

// No strict objects: an object of one release may meet a Worker of the next.

/** One probe, as its prober saw it. */
export const ProbeResult = z.object({
  monitor: Id,
  /** When it ended, by the clock of the prober. */
  atMs: z.number(),
  ok: z.boolean(),
  latencyMs: z.number().min(0),
  /** What was wrong, in words and numbers: "connection refused", "status 503, expected 2xx". Empty when ok. */
  detail: z.string().max(REPORT_LIMITS.detail),
})
export type ProbeResult = z.output<typeof ProbeResult>

/** What a prober tells the object of an origin. */
export const ProbeReport = z.object({
  region: ProbeRegion,
  /** The name of the prober: who to ask for another look. */
  prober: z.string().max(64),
  /** Rises with every report of this prober for this origin; a repeated or late one changes nothing. */
  sequence: z.number().min(0),
  /** Whether nothing at all answered this prober of late: its own network is out, and its vote is void. */
  isBlind: z.boolean().default(false),
  plan: OriginPlan,
  /** Oldest first. May be empty: a prober that says only that it is there, or blind. */
  results: z.array(ProbeResult).max(REPORT_LIMITS.results),
})
export type ProbeReport = z.output<typeof ProbeReport>

/** Counts of requests by the bucket of their latency to the headers; see `latency.ts`. */
export const LatencyCounts = z.record(z.string().regex(/^\d{1,2}$/), z.int().min(0))
export type LatencyCounts = z.output<typeof LatencyCounts>

/**
 * Whom an origin or its pool would have had with its whole share and without affinity (`natural`); how many of them
 * were free to go anywhere (`free`); and how many came because affinity keeps them there (`kept`).
 */
export const ShareCounts = z.object({
  natural: z.int().min(0),
  free: z.int().min(0),
  kept: z.int().min(0),
})
export type ShareCounts = z.output<typeof ShareCounts>

/** What one isolate saw of one origin since its last report. */
export const PassiveReport = z.object({
  isolate: z.string().min(1).max(REPORT_LIMITS.isolate),
  /** Rises with every report of this isolate. */
  sequence: z.int().min(0),
  pool: Id,
  requests: z.int().min(0),
  /** Gateway errors: no connection, 502, 503, 504, no answer in time, too slow. */
  failures: z.int().min(0),
  /** Other 5xx. */
  errors: z.int().min(0),
  latencies: LatencyCounts,
  /** Requests and WebSockets under way in this isolate. */
  inFlight: z.int().min(0),
  /** Beyond how many, of all isolates together, the origin is passed over. */
  maxConnections: z.int().min(1).optional(),
  /** Counted while a share of the origin or its pool moves, and where affinity keeps clients. */
  shares: ShareCounts.optional(),
  /** Whether the isolate has put the origin aside, and why. */
  ejectedFor: z.string().max(REPORT_LIMITS.detail).default(''),
  /** By what it is judged where no prober brings a plan. Of two the one of the later revision holds. */
  settings: OriginPlan.pick({ revision: true, passive: true, holdDown: true }).optional(),
})
export type PassiveReport = z.output<typeof PassiveReport>

/** What the object of an origin has seen of traffic since a moment. */
export const Measure = z.object({
  requests: z.int().min(0),
  failures: z.int().min(0),
  errors: z.int().min(0),
  latencies: LatencyCounts,
  shares: ShareCounts.optional(),
})
export type Measure = z.output<typeof Measure>

/** What the object of an origin tells the control object when its health changes, until it is heard. */
export const HealthReport = z.object({
  origin: Id,
  /** Rises with every change; a repeated or late one changes nothing. */
  sequence: z.number().min(0),
  health: Health,
  evidence: z.string().max(1024),
  sinceMs: z.number(),
  /** Until when this holds unless something new is seen; absent when no time alone will change it. */
  holdsUntilMs: z.number().optional(),
})
export type HealthReport = z.output<typeof HealthReport>
