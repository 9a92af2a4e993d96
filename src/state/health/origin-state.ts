import * as z from 'zod'
import { type Isolates, initialIsolates } from './isolates.ts'
import { type Judgement, judge } from './judgement.ts'
import { Measuring } from './measuring.ts'
import { Plans, initialPlans } from './plan.ts'
import { Regions } from './regions.ts'
import { Standing, initialStanding } from './standing.ts'
import { Heard, type Telling, initialHeard, initialTelling } from './telling.ts'
import { Traffic, TrafficPart, initialTraffic } from './traffic.ts'

/**
 * All that the object of an origin knows. What comes with every report is not stored: an object writes a row
 * when a row would make a difference to the process that takes over.
 */
export const OriginState = z.object({
  /** Its name; empty before anyone has said it. */
  origin: z.string(),
  plans: Plans,
  standing: Standing,
  heard: Heard,
  measuring: Measuring,
  /** What is stored of `regions` and `traffic`, as it was when that last made a difference. */
  storedRegions: Regions,
  storedParts: z.record(z.string(), TrafficPart),
  // From here on volatile.
  regions: Regions,
  traffic: Traffic,
  isolates: z.custom<Isolates>(),
  telling: z.custom<Telling>(),
  /** Whether traffic says that it fails. */
  isSuffering: z.boolean(),
  /** When probers were last asked to look. */
  urgedAtMs: z.number(),
  /** The alarm that is set, so that it is set again only to ring earlier. */
  alarmAtMs: z.number().nullable(),
})
export type OriginState = z.output<typeof OriginState>

/** An object that nobody has called yet. */
export const initialOrigin: OriginState = {
  origin: '',
  plans: initialPlans,
  standing: initialStanding,
  heard: initialHeard,
  measuring: null,
  storedRegions: {},
  storedParts: {},
  regions: {},
  traffic: initialTraffic,
  isolates: initialIsolates,
  telling: initialTelling,
  isSuffering: false,
  urgedAtMs: 0,
  alarmAtMs: null,
}

/** What all that is known says at this moment. */
export function judgeOrigin(
  { plans, regions, traffic, isolates }: OriginState,
  nowMs: number,
): Judgement {
  return judge({ plan: plans.plan, regions, traffic, isolates, nowMs })
}
