import { type RampState } from '../ramp/state.ts'
import { betweenWeights } from '../ramp/share.ts'

/** The pools to which a shift brings traffic. */
export function growingPools({
  from = {},
  to = {},
}: Pick<RampState, 'from' | 'to'>): readonly string[] {
  const before = betweenWeights(from, to, 0)
  const after = betweenWeights(from, to, 100)
  return Object.keys(after).filter((pool) => (after[pool] ?? 0) > (before[pool] ?? 0))
}
