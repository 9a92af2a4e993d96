import { mix, toUnit } from '../kernel/hash.ts'
import { rendezvous } from '../kernel/rendezvous.ts'
import { chanceOf } from './chance.ts'
import type { Draw, Group, Load, Order } from './order.ts'
import { hasWeight } from './ranked.ts'

/** What requests to a member cost: 0 or more, smaller is better. */
export interface Cost {
  /** Now, as it is. */
  now(this: void, member: number): number
  /** With one request more: above 0. */
  next(this: void, member: number): number
}

/** Readies the cost for one decision. */
export type CostOf = (group: Group, eligible: readonly number[], draw: Draw) => Cost

/**
 * By how much a difference counts of which only others have told: the cheaper one is the first in proportion to
 * this power of it. Isolates that believe the same outdated counts all correct the same difference at once, and the
 * correction is only seen when it is too late. With a power of 2 the share of a member follows a difference one to
 * one, and the whole settles down however old the counts are.
 */
const POWER = 2

/** Sets this chance apart from the one that draws the two: "pair" in ASCII. */
const PAIR = 0x70616972

/**
 * Power of two choices: two members by chance and weight, the cheaper one first; then two more, and so on, so
 * that a retry chooses as a first attempt does. What each isolate sees is partial and late, and the one
 * member that looks least loaded would draw everyone at once; of two drawn at random the better is nearly
 * as good. Where it is others who have what makes the difference, even that would herd, and the cheaper one
 * is only the likelier: `docs/connections.md` has the numbers.
 *
 * Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing", IEEE TPDS 12(10), 2001; "How Useful Is Old
 * Information?", IEEE TPDS 11(1), 2000.
 */
export function twoChoices(costOf: CostOf): Order {
  return (group, eligible, draw) => {
    const { take } = draw
    const key = chanceOf(group, draw)
    const drawn = rendezvous(group, eligible, { key, take: take + (take % 2) })
    const cost = costOf(group, eligible, draw)
    for (let at = 0; at + 1 < drawn.length; at += 2) {
      const first = drawn[at] ?? 0
      const second = drawn[at + 1] ?? 0
      // What has no weight stands by in its place; equal costs leave the drawn order, which is by weight.
      if (!hasWeight(group, second)) break
      const hearsay = hearsayOf(draw.load(first), draw.load(second))
      const isInOrder =
        hearsay === 0
          ? cost.now(first) <= cost.now(second)
          : toUnit(mix(key ^ (PAIR + at))) <= shareOf(cost.next(first), cost.next(second), hearsay)
      if (isInOrder) continue
      drawn[at] = second
      drawn[at + 1] = first
    }
    return drawn.length > take ? drawn.slice(0, take) : drawn
  }
}

/** How much of what two members have under way is only known from others: 0 to 1. */
function hearsayOf(one: Load, other: Load): number {
  const others = (one.others ?? 0) + (other.others ?? 0)
  return others === 0 ? 0 : others / (one.inFlight + other.inFlight)
}

/** How often the first is to go first. The less is hearsay, the more it is a matter of which is the cheaper one. */
function shareOf(first: number, second: number, hearsay: number): number {
  return 1 / (1 + (first / second) ** (POWER / hearsay))
}
