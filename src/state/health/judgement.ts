import type { Health } from '../../schema/health.ts'
import type { OriginPlan } from '../../schema/probe-plan.ts'
import { type PassiveContext, type PassiveVerdict, judgePassive } from './passive.ts'
import { type ProbeVerdict, judgeProbes } from './probes.ts'
import type { Regions } from './regions.ts'

/** What probes and traffic say of an origin now. What is made of it is for `standing.ts`. */
export interface Judgement {
  /** Absent when neither has anything to say. */
  readonly health: Exclude<Health, 'unknown'> | undefined
  /** Whether no probe has a say: what traffic alone condemned is not tried again by traffic at once. */
  readonly isByTrafficAlone: boolean
  readonly probes: ProbeVerdict
  readonly passive: PassiveVerdict
}

/** All that is judged from. */
export interface Seen extends PassiveContext {
  readonly plan: Pick<OriginPlan, 'monitors' | 'passive'>
  readonly regions: Regions
}

/** Fuses what probes say with what traffic says. */
export function judge(seen: Seen): Judgement {
  const probes = judgeProbes(seen.plan, seen.regions, seen.nowMs)
  const passive = judgePassive(seen.plan.passive, seen)
  const isByTrafficAlone = probes.health === undefined && passive.verdict !== 'none'
  return { health: fuse(probes, passive.verdict), isByTrafficAlone, probes, passive }
}

/**
 * Failing traffic makes an origin degraded, and unhealthy when no probe has a vote or some region's probes fail
 * as well. Well traffic never outvotes a probe: what is down gets none but that of a panic.
 */
function fuse(probes: ProbeVerdict, passive: PassiveVerdict['verdict']): Judgement['health'] {
  const { health, isDoubted } = probes
  if (health === undefined) return BY_TRAFFIC_ALONE[passive]
  if (passive !== 'failing' || health === 'unhealthy') return health
  return isDoubted ? 'unhealthy' : 'degraded'
}

const BY_TRAFFIC_ALONE: Readonly<Record<PassiveVerdict['verdict'], Judgement['health']>> = {
  none: undefined,
  well: 'healthy',
  failing: 'unhealthy',
}
