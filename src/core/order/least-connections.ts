import type { Order } from './order.ts'
import { twoChoices } from './two-choices.ts'

/** Fewest requests in flight for its weight, of two by chance. An idle group shares by weight. */
export const leastConnections: Order = twoChoices(
  (group, _eligible, draw) => (member) => draw.load(member).inFlight / (group.weights[member] ?? 0),
)
