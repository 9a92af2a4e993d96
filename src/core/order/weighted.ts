import { rendezvous } from '../kernel/rendezvous.ts'
import { keyOf } from './chance.ts'
import type { Order } from './order.ts'

/** Shares in exact proportion to the weights, and each key in its place: weighted rendezvous hashing. */
export const weighted: Order = (group, eligible, draw) =>
  rendezvous(group, eligible, { key: keyOf(group, draw), take: draw.take })
