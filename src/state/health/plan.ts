import * as z from 'zod'
import { OriginPlan } from '../../schema/probe-plan.ts'
import type { PassiveReport } from '../../schema/report.ts'
import { type Regions, entriesOf } from './regions.ts'

/** A plan that no prober goes by any more gives way to one of an earlier revision after so long. */
const LEASE_MS = 600_000

/** As many monitors as a pool may have. */
const MOST_MONITORS = 8

/** All of a plan but for whom it is. */
const HealthPlan = OriginPlan.omit({ origin: true, pool: true })
type HealthPlan = z.output<typeof HealthPlan>

/** What is judged by before anyone has brought a plan: the defaults of the configuration. */
const initialPlan: HealthPlan = {
  revision: -1,
  monitors: [],
  passive: { failureRate: 0.5, minRequests: 50, windowMs: 30_000 },
  holdDown: { baseMs: 60_000, maxMs: 1_800_000 },
}

/** By what an origin is judged, and by which revision each half of it came. */
export const Plans = z.object({
  plan: HealthPlan,
  /** The revision of `plan.passive` and `plan.holdDown`: edges bring them too. */
  settingsRevision: z.int(),
})
export type Plans = z.output<typeof Plans>

/** No plan yet. */
export const initialPlans: Plans = { plan: initialPlan, settingsRevision: -1 }

/**
 * Takes the plan that a prober goes by if it is of a later revision. One of an earlier revision is taken only
 * when nobody has gone by the present one for ten minutes: then the numbers of the deployment began anew.
 */
export function adoptPlan(
  plans: Plans,
  plan: OriginPlan,
  { regions, nowMs }: { readonly regions: Regions; readonly nowMs: number },
): Plans {
  const { revision } = plans.plan
  if (plan.revision === revision) return plans
  if (plan.revision < revision && isHeld(revision, regions, nowMs)) return plans
  const isNewer = plan.revision >= plans.settingsRevision || plan.revision < revision
  const settings = isNewer ? plan : plans.plan
  const { passive, holdDown } = settings
  const monitors = plan.monitors.slice(0, MOST_MONITORS)
  return {
    plan: { revision: plan.revision, monitors, passive, holdDown },
    settingsRevision: isNewer ? plan.revision : plans.settingsRevision,
  }
}

/** Takes the settings that an edge goes by if they are of a later revision: there may be no prober at all. */
export function adoptSettings(plans: Plans, settings: PassiveReport['settings']): Plans {
  if (settings === undefined || settings.revision <= plans.settingsRevision) return plans
  const { revision: settingsRevision, passive, holdDown } = settings
  return { plan: { ...plans.plan, passive, holdDown }, settingsRevision }
}

function isHeld(revision: number, regions: Regions, nowMs: number): boolean {
  return entriesOf(regions).some(
    ([, region]) => region.revision >= revision && nowMs - region.seenAtMs <= LEASE_MS,
  )
}
