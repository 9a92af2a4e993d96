import { rendezvous } from '../kernel/rendezvous.ts'
import { chanceOf } from './chance.ts'
import type { Draw, Group, Order } from './order.ts'
import { hasWeight } from './ranked.ts'

/** What one more request to a member costs now: 0 or more, smaller is better. */
export type Cost = (this: void, member: number) => number

/** Readies the cost for one decision. */
export type CostOf = (group: Group, eligible: readonly number[], draw: Draw) => Cost

/**
 * Power of two choices: two members by chance and weight, the cheaper one first; then two more, and so on, so
 * that a retry chooses as a first attempt does. What each isolate sees is partial and late, and the one
 * member that looks least loaded would draw everyone at once; of two drawn at random the better is nearly
 * as good, and nobody herds.
 *
 * Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing", IEEE TPDS 12(10), 2001.
 */
export function twoChoices(costOf: CostOf): Order {
  return (group, eligible, draw) => {
    const { take } = draw
    const drawn = rendezvous(group, eligible, {
      key: chanceOf(group, draw),
      take: take + (take % 2),
    })
    const cost = costOf(group, eligible, draw)
    for (let at = 0; at + 1 < drawn.length; at += 2) {
      const first = drawn[at] ?? 0
      const second = drawn[at + 1] ?? 0
      // What has no weight stands by in its place; equal costs leave the drawn order, which is by weight.
      if (!hasWeight(group, second)) break
      if (cost(first) <= cost(second)) continue
      drawn[at] = second
      drawn[at + 1] = first
    }
    return drawn.length > take ? drawn.slice(0, take) : drawn
  }
}
