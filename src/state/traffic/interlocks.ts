import type { InterlockRefusal } from '../../schema/interlock.ts'
import type { TrafficState } from './state.ts'

/** What the interlocks have against going from one state of traffic to another. */
export function refusalsOf(_before: TrafficState, _after: TrafficState): InterlockRefusal[] {
  return []
}
