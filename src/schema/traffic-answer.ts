import * as z from 'zod'
import { InterlockRefusal } from './interlock.ts'
import { ProbeRegion } from './monitor.ts'
import { Confirmation, DrainReport, DrainView, OriginView, PoolView, RampView } from './traffic.ts'

// What the admin API answers where traffic is looked at or moved.

/** What became of a change of traffic. */
export const MoveView = z.strictObject({
  outcome: z.enum(['done', 'unchanged']),
  dryRun: z.boolean(),
  generation: z.int().describe('The generation that carries it to the edges.'),
  published: z.boolean().describe('Whether the store that every edge reads has it already.'),
  revision: z.int().describe('The configuration in force: a change of weights makes a new one.'),
  ramp: RampView.optional(),
  drain: DrainView.optional().describe('Of a drain that has begun.'),
  confirmation: Confirmation.optional().describe('It reverts unless this is confirmed.'),
  overrode: z.array(InterlockRefusal).describe('The interlocks that it went past.'),
})

/** How one region sees an origin through one monitor. */
export const RegionView = z.strictObject({
  region: ProbeRegion,
  monitor: z.string(),
  verdict: z.enum(['up', 'down', 'unknown']),
  void: z.string().optional().describe('Why its vote does not count now.'),
  inARow: z.int(),
  lastDetail: z.string(),
  lastLatencyMs: z.number().optional(),
  lastAtMs: z.number().optional(),
})

/** Real traffic of an origin, within the window of passive health. */
export const PassiveView = z.strictObject({
  windowMs: z.number(),
  isolates: z.int(),
  ejecting: z
    .int()
    .optional()
    .describe('How many of them have put it aside: there its circuit is open.'),
  requests: z.int(),
  failures: z.int().describe('Gateway errors: no connection, 502, 503, 504, no answer in time.'),
  errors: z.int().describe('Other 5xx.'),
  p50Ms: z.number().optional(),
  p95Ms: z.number().optional(),
})

/** An origin with what its own object knows; without it where that one did not answer. */
export const OriginReport = OriginView.extend({
  drain: DrainReport.optional(),
  connections: z.int().optional().describe('Requests in flight, over all isolates.'),
  flaps: z.int().optional().describe('How often it fell again soon after it recovered.'),
  regions: z.array(RegionView).optional(),
  passive: PassiveView.optional(),
  missing: z
    .string()
    .optional()
    .describe('Why connections, regions and traffic are not told, where they are not.'),
})
export type OriginReport = z.output<typeof OriginReport>

/** A pool with what is left of it while it drains. */
export const PoolReport = PoolView.extend({ drain: DrainReport.optional() })
export type PoolReport = z.output<typeof PoolReport>

function pageOf<Item extends z.ZodType>(item: Item) {
  return z.strictObject({ items: z.array(item), next: z.string().optional() })
}

/** A page of origins. */
export const OriginPage = pageOf(OriginReport)
/** A page of pools. */
export const PoolPage = pageOf(PoolView)
/** Every ramp that runs, or ended of late. */
export const RampList = z.strictObject({ items: z.array(RampView) })
/** Every change that waits to be confirmed. */
export const ConfirmationList = z.strictObject({ items: z.array(Confirmation) })

/** What a trial saw from one region. */
export const TrialView = z.strictObject({
  region: ProbeRegion,
  origin: z.string(),
  monitor: z.string(),
  ok: z.boolean(),
  latencyMs: z.number(),
  detail: z.string(),
  status: z.int().optional(),
  body: z.string().optional().describe('How it begins.'),
})
export type TrialView = z.output<typeof TrialView>

/** What every region saw, and which ones could not look. */
export const TrialReport = z.strictObject({
  items: z.array(TrialView),
  unreachable: z.array(z.strictObject({ region: ProbeRegion, detail: z.string() })),
})
export type TrialReport = z.output<typeof TrialReport>
