import type { Order } from './order.ts'
import { twoChoices } from './two-choices.ts'

/** Fewest requests in flight for its weight, of two by chance. An idle group shares by weight. */
export const leastConnections: Order = twoChoices((group, _eligible, draw) => {
  const costWith = (more: number) => (member: number) =>
    (draw.load(member).inFlight + more) / (group.weights[member] ?? 0)
  return { now: costWith(0), next: costWith(1) }
})
