import { dot } from '../kernel/globe.ts'
import { rendezvousScore } from '../kernel/rendezvous.ts'
import { keyOf } from './chance.ts'
import { failover } from './failover.ts'
import type { Order } from './order.ts'
import { ranked } from './ranked.ts'

/** Behind every member that has a place: a cosine ends at 1. */
const NOWHERE = 2

/**
 * Nearest first, by great circle. Members at one place share by weight, each key in its place. Members
 * without a location come behind those with one, in listed order; so do all when the client's is unknown.
 */
export const proximity: Order = (group, eligible, draw) => {
  const { position, take } = draw
  if (position === undefined) return failover(group, eligible, draw)
  const key = keyOf(group, draw)
  // The dot product falls as the distance grows, and needs no arc cosine.
  const score = (member: number) => {
    const place = group.vectors[member]
    return place === undefined ? NOWHERE : -dot(position, place)
  }
  const tie = (member: number) =>
    group.vectors[member] === undefined ? 0 : rendezvousScore(group, member, key)
  return ranked(group, eligible, { take, score, tie })
}
