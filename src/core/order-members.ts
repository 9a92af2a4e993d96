import type { Turn } from './decision.ts'
import { mix, toUnit } from './kernel/hash.ts'
import type { Load } from './order/order.ts'
import { hashFor, type Situation } from './situation.ts'
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
  ordering: Ordering,
  { eligible, take, load }: Choice,
  situation: Situation,
): readonly number[] {
  const { key, group, takesAll } = ordering
  if (eligible.length === 0 || (eligible.length === 1 && takesAll)) return eligible
  const { facts, observations, position, placement } = situation
  const isPlaced = placement !== undefined
  const order = isPlaced ? ordering.keyed : ordering.order
  return order(group, eligible, {
    key: hashFor(key, situation),
    // Who is placed by a key is to be placed alike each time: not even chance may be another.
    random: isPlaced ? toUnit(mix(placement ^ CHANCE)) : facts.random,
    client: facts.client,
    position,
    take,
    credits: observations.credits.get(group.id) ?? NO_CREDITS,
    load,
  })
}

/** Sets the chance of a placed client apart from its key: "plac" in ASCII. */
const CHANCE = 0x706c6163

/** The turn that a group which rotates has given by choosing a member; none for other groups and placed clients. */
export function turnsOf(
  { rotates, group }: Ordering,
  {
    eligible,
    chosen,
  }: { readonly eligible: readonly number[]; readonly chosen: number | undefined },
  { placement }: Situation,
): readonly Turn[] {
  if (!rotates || chosen === undefined || placement !== undefined) return NO_TURNS
  return [{ group, eligible, chosen }]
}
