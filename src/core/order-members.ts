import type { Turn } from './decision.ts'
import { hashKey } from './kernel/key.ts'
import type { Load } from './order/order.ts'
import type { Situation } from './situation.ts'
import type { Ordering } from './snapshot.ts'

/** Members to be put in order, how many places are wanted, and what each carries now. */
export interface Choice {
  readonly eligible: readonly number[]
  readonly take: number
  load(this: void, member: number): Load
}

const NO_CREDITS: readonly number[] = []
const NO_TURNS: readonly Turn[] = []

/** Puts the eligible members of a group in its policy's order, best first. */
export function orderMembers(
  { key, group, order, takesAll }: Ordering,
  { eligible, take, load }: Choice,
  { facts, snapshot, observations, position }: Situation,
): readonly number[] {
  if (eligible.length === 0 || (eligible.length === 1 && takesAll)) return eligible
  return order(group, eligible, {
    key: hashKey(key, facts, snapshot.settings.sessionCookie),
    random: facts.random,
    client: facts.client,
    position,
    take,
    credits: observations.credits.get(group.id) ?? NO_CREDITS,
    load,
  })
}

/** The turn that a group which rotates has given by choosing a member; none for other groups. */
export function turnsOf(
  { rotates, group }: Ordering,
  eligible: readonly number[],
  chosen: number | undefined,
): readonly Turn[] {
  return rotates && chosen !== undefined ? [{ group, eligible, chosen }] : NO_TURNS
}
