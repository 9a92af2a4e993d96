import { limitOf, offer, startRanking } from '../kernel/ranking.ts'
import type { Group } from './order.ts'

/** How members are told apart, smaller first. */
export interface Ranks {
  readonly take: number
  score(this: void, member: number): number
  /** Asked where scores are equal; equal again, the listed order stands. */
  readonly tie?: (this: void, member: number) => number
}

/** The `take` best of `eligible` by score. Members of weight 0 come last, in listed order, unscored. */
export function ranked(group: Group, eligible: readonly number[], ranks: Ranks): number[] {
  const { take, score, tie } = ranks
  const ranking = startRanking(take, tie)
  let limit = Infinity
  for (const member of eligible) {
    if (!hasWeight(group, member)) continue
    const own = score(member)
    if (own > limit) continue
    offer(ranking, member, own)
    limit = limitOf(ranking)
  }
  const { members } = ranking
  for (const member of eligible) {
    if (members.length >= take) break
    if (!hasWeight(group, member)) members.push(member)
  }
  return members
}

/** Whether a member takes a share at all, or only stands by. */
export function hasWeight({ weights }: Group, member: number): boolean {
  return (weights[member] ?? 0) > 0
}
