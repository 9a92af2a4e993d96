import { combine, toUnit } from '../kernel/hash.ts'
import { chanceOf } from './chance.ts'
import type { Order } from './order.ts'
import { ranked } from './ranked.ts'

/** By chance alone: every order of the members that have weight is as likely as any other. */
export const random: Order = (group, eligible, draw) => {
  const chance = chanceOf(group, draw)
  const score = (member: number) => toUnit(combine(chance, group.hashes[member] ?? 0))
  return ranked(group, eligible, { take: draw.take, score })
}
