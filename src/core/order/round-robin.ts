import type { Turn } from '../decision.ts'
import type { Order } from './order.ts'
import { ranked } from './ranked.ts'

/**
 * Smooth weighted round-robin: the member with the most credit, its weight added, goes first. Weights 5, 1, 1
 * give a a b a c a a, not five times a in a row. Credits move by `takeTurn`, outside the decision.
 *
 * nginx, "Upstream: smooth weighted round-robin balancing" (2012), commit 52327e0627f4.
 */
export const roundRobin: Order = (group, eligible, { take, credits }) => {
  const score = (member: number) => -((credits[member] ?? 0) + (group.weights[member] ?? 0))
  return ranked(group, eligible, { take, score })
}

/** Whether a policy's choices move its group's credits. */
export function isRotating(policy: string): boolean {
  return policy === 'round-robin'
}

/**
 * The credits after a turn: each eligible member is given its weight, and the chosen one pays for all of
 * them. Their sum never changes. A member that was not eligible keeps its credit until it is again.
 */
export function takeTurn(
  { group, eligible, chosen }: Turn,
  credits: readonly number[],
): readonly number[] {
  const next = group.ids.map((_, member) => credits[member] ?? 0)
  let total = 0
  for (const member of eligible) {
    const weight = group.weights[member] ?? 0
    next[member] = (next[member] ?? 0) + weight
    total += weight
  }
  next[chosen] = (next[chosen] ?? 0) - total
  return next
}
