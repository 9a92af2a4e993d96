import type { Draw, Group, Order } from './order.ts'
import { hasWeight } from './ranked.ts'
import { twoChoices } from './two-choices.ts'

/**
 * The shortest wait for its weight, of two by chance: requests in flight, this one included, times the decayed
 * time that one takes. A member not yet measured counts as fast as the fastest that was.
 */
export const leastResponseTime: Order = twoChoices((group, eligible, draw) => {
  let bestMs: number | undefined
  const next = (member: number): number => {
    const { inFlight, latencyMs } = draw.load(member)
    const ms = latencyMs ?? (bestMs ??= bestKnownMs(group, eligible, draw))
    return ((inFlight + 1) * Math.max(1, ms)) / (group.weights[member] ?? 0)
  }
  return { now: next, next }
})

/** 1 when nothing was measured yet: then requests in flight decide alone. */
function bestKnownMs(group: Group, eligible: readonly number[], draw: Draw): number {
  let best = Infinity
  for (const member of eligible) {
    if (hasWeight(group, member)) best = Math.min(best, draw.load(member).latencyMs ?? Infinity)
  }
  return best === Infinity ? 1 : best
}
