import * as z from 'zod'
import { Id } from './id.ts'
import { type Monitor, MonitorRole, ProbeRegion } from './monitor.ts'

// What the control object hands to probers, and they to the objects of origins: canonical values, written by
// this project. No strict objects: an object of one release may meet a Worker of the next.

/** Which prober this is: a region, and a part of its targets where one object could not probe them all. */
export const ProberName = z.object({ region: ProbeRegion, shard: z.int().min(0) })
export type ProberName = z.output<typeof ProberName>

/** "weur", "weur.1", "weur.2": the name of the object. */
export function toProberName({ region, shard }: ProberName): string {
  return shard === 0 ? region : `${region}.${shard}`
}

/** By what the object of an origin judges the results of one monitor. */
export const MonitorPlan = z.object({
  id: Id,
  role: MonitorRole,
  intervalMs: z.number(),
  timeoutMs: z.number(),
  fall: z.int(),
  rise: z.int(),
  degradedAboveMs: z.number().optional(),
  regions: z.array(ProbeRegion),
})
export type MonitorPlan = z.output<typeof MonitorPlan>

/** By what the health of an origin is judged. Of two plans the one of the later revision holds. */
export const OriginPlan = z.object({
  revision: z.int(),
  origin: Id,
  pool: Id,
  monitors: z.array(MonitorPlan),
  /** Passive health: from which share of failures of how many requests within how long. */
  passive: z.object({
    failureRate: z.number(),
    minRequests: z.int(),
    windowMs: z.number(),
  }),
  holdDown: z.object({ baseMs: z.number(), maxMs: z.number() }),
})
export type OriginPlan = z.output<typeof OriginPlan>

/** A canonical monitor, as it stands in a snapshot: parsed long ago, by this project. */
const CanonicalMonitor = z.custom<z.output<typeof Monitor>>((value) => typeof value === 'object')

/** One origin to probe, by one or several monitors. */
export const ProbeTarget = z.object({
  plan: OriginPlan,
  url: z.string(),
  /** The Host to name, where the origin is to be told another one than its own. */
  host: z.string().optional(),
  /** What is set on every request to this origin. */
  headers: z.record(z.string(), z.string()).default({}),
  /** Those of `plan.monitors` that probe from this region. */
  monitors: z.array(z.object({ id: Id, monitor: CanonicalMonitor })),
})
export type ProbeTarget = z.output<typeof ProbeTarget>

/** All that one prober probes. */
export const ProbePlan = z.object({
  revision: z.int(),
  driver: z.enum(['alarm', 'cron']),
  targets: z.array(ProbeTarget),
})
export type ProbePlan = z.output<typeof ProbePlan>
