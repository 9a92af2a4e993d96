import { rendezvous, rendezvousScore } from '../kernel/rendezvous.ts'
import { chanceOf } from './chance.ts'
import type { Draw, Group, Order } from './order.ts'
import { hasWeight, ranked } from './ranked.ts'

/** What one more request to a member costs now: 0 or more, smaller is better. */
export type Cost = (this: void, member: number) => number

/** Readies the cost for one decision: asked once for a group, before any member. */
export type CostOf = (group: Group, eligible: readonly number[], draw: Draw) => Cost

/**
 * Power of two choices: two members by chance and weight, the cheaper one first; the rest behind them by
 * cost. Loads are seconds old and each isolate sees its own, so the one least loaded member would draw
 * everyone at once; of two drawn at random the better one is nearly as good and nobody herds.
 *
 * Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing", IEEE TPDS 12(10), 2001.
 */
export function twoChoices(costOf: CostOf): Order {
  return (group, eligible, draw) => {
    const { take } = draw
    const chance = chanceOf(group, draw)
    const pair = rendezvous(group, eligible, { key: chance, take: 2 })
    const [first, second] = pair
    if (first === undefined || second === undefined) return pair
    const cost = costOf(group, eligible, draw)
    // Equal costs leave the drawn order, which is by weight.
    if (hasWeight(group, second) && cost(second) < cost(first)) pair.reverse()
    if (take <= 2) return pair.slice(0, take)
    const score = (member: number) =>
      pair.includes(member) ? pair.indexOf(member) - 2 : cost(member)
    const tie = (member: number) => rendezvousScore(group, member, chance)
    return ranked(group, eligible, { take, score, tie })
  }
}
