import type { Order } from './order.ts'
import { ranked } from './ranked.ts'

/** The listed order: all traffic to the first that may serve. */
export const failover: Order = (group, eligible, { take }) =>
  ranked(group, eligible, { take, score: () => 0 })
