import type { InterlockRefusal } from '../../schema/interlock.ts'
import { checkInterlocks } from '../interlock.ts'
import { toTrafficPicture } from '../route-picture.ts'
import { conditionsOf } from './conditions.ts'
import type { TrafficState } from './state.ts'

/**
 * What the interlocks have against going from one state of traffic to another. What goes in steps may move any
 * amount: each step is measured, and the way back is open all the while.
 */
export function refusalsOf(
  before: TrafficState,
  after: TrafficState,
  pace: 'at-once' | 'in-steps' = 'at-once',
): InterlockRefusal[] {
  if (before.plan === null || after.plan === null) return []
  const refusals = checkInterlocks(
    toTrafficPicture(before.plan.shape, conditionsOf(before)),
    toTrafficPicture(after.plan.shape, conditionsOf(after)),
    after.plan.interlocks,
  )
  if (pace === 'at-once') return refusals
  return refusals.filter(({ type }) => type !== 'change-too-large')
}
