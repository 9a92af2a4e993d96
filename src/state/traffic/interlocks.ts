import type { InterlockRefusal } from '../../schema/interlock.ts'
import type { Ramp } from '../../schema/ramp.ts'
import { checkInterlocks } from '../interlock/interlock.ts'
import { toTrafficPicture } from '../interlock/route-picture.ts'
import { conditionsOf } from './conditions.ts'
import type { TrafficState } from './state.ts'

/**
 * What the interlocks have against going from one state of traffic to another. Of what goes by a ramp the
 * largest of its steps is what moves at once; that something is left, and enough of it, is asked of its end.
 */
export function refusalsOf(
  before: TrafficState,
  after: TrafficState,
  ramp?: Pick<Ramp, 'steps'>,
): InterlockRefusal[] {
  if (before.plan === null || after.plan === null) return []
  const refusals = checkInterlocks(
    toTrafficPicture(before.plan.shape, conditionsOf(before)),
    toTrafficPicture(after.plan.shape, conditionsOf(after)),
    after.plan.interlocks,
  )
  return ramp === undefined ? refusals : refusals.flatMap((refusal) => inSteps(refusal, ramp))
}

function inSteps(refusal: InterlockRefusal, { steps }: Pick<Ramp, 'steps'>): InterlockRefusal[] {
  if (refusal.type !== 'change-too-large') return [refusal]
  const largest = Math.max(...steps.map((step, at) => step - (steps[at - 1] ?? 0)))
  const changePercent = Math.round(refusal.changePercent * largest) / 100
  return changePercent > refusal.maxChangePercent ? [{ ...refusal, changePercent }] : []
}
