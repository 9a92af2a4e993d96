import { combine, hashChance } from '../kernel/hash.ts'
import type { Draw, Group } from './order.ts'

/** Sets the keys of origins apart from those of pools: "orig" in ASCII. */
const ORIGINS = 0x6f726967

/**
 * The key by which a group's members are ordered. Routes share it, so that a client is in the same pool on
 * each route that gives the pools the same weights. Pools do not share it with routes: a pool and one of its
 * origins may have the same id, and whoever the one draws would always draw the other.
 */
export function keyOf(group: Group, draw: Draw): number {
  return group.id.startsWith('pool:') ? combine(draw.key, ORIGINS) : draw.key
}

/**
 * 32 bits of the request's chance that are this group's alone: what one group draws says nothing of what
 * another does, nor of `keyOf` even when the key is the same chance.
 */
export function chanceOf(group: Group, draw: Draw): number {
  return combine(group.salt, hashChance(draw.random))
}
