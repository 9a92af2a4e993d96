import type { InterlockRefusal, Interlocks } from '../../schema/interlock.ts'
import {
  comparePools,
  isShedding,
  movedWithin,
  type PoolPair,
  sumOf,
  withoutShedding,
} from './pool-standing.ts'
import { type RouteShape, type TrafficPicture, toWritesShape } from './route-picture.ts'

/** What a change is judged by. */
export type InterlockRules = Pick<Interlocks, 'maxChangePercent' | 'minCapacityPercent'>

/**
 * Which interlocks a change would break, with the numbers; empty when it may be made. Every route that stands
 * before and after is looked at, and only what the change makes worse is held against it: what was out before
 * does not forbid the next change.
 *
 * Shares are estimated from weights and shares alone, since nobody knows what the next minute brings: for
 * policies that go by place or speed the numbers are those of an even world.
 */
export function checkInterlocks(
  before: TrafficPicture,
  after: TrafficPicture,
  rules: InterlockRules,
): InterlockRefusal[] {
  const pools = comparePools(before, after)
  const spared = [before, after].some(isShedding)
    ? comparePools(withoutShedding(before), withoutShedding(after))
    : pools
  const refusals: InterlockRefusal[] = []
  for (const [route, next] of Object.entries(after.routes)) {
    const last = before.routes[route]
    if (!last) continue
    const change = { route: { route }, last, next, pools: next.isCritical ? spared : pools }
    for (const part of partsOf(change)) {
      if (concerns(part)) refusals.push(...checkRoute(part, rules))
    }
  }
  return refusals
}

interface RouteChange {
  /** What it is called in a refusal. */
  readonly route: Pick<InterlockRefusal, 'route' | 'part'>
  readonly last: RouteShape
  readonly next: RouteShape
  readonly pools: ReadonlyMap<string, PoolPair>
}

/** A route whose writes go elsewhere than its reads is judged as two: each needs somebody. */
function partsOf(change: RouteChange): readonly RouteChange[] {
  const { route, last, next } = change
  if (last.writes === undefined || next.writes === undefined) return [change]
  const writes = {
    ...change,
    route: { ...route, part: 'writes' as const },
    last: toWritesShape(last.writes, last),
    next: toWritesShape(next.writes, next),
  }
  return [change, writes]
}

/** Most changes leave most routes alone: of those no numbers are needed. */
function concerns({ last, next, pools }: RouteChange): boolean {
  if (last !== next && JSON.stringify(last) !== JSON.stringify(next)) return true
  const isChanged = (pool: string) => pools.get(pool)?.isSame === false
  return (
    next.members.some(({ pool }) => isChanged(pool)) ||
    (next.fallback !== undefined && isChanged(next.fallback))
  )
}

function checkRoute(change: RouteChange, rules: InterlockRules): InterlockRefusal[] {
  const { route } = change
  const { maxChangePercent, minCapacityPercent } = rules
  const refusals: InterlockRefusal[] = []
  const [usableBefore, usable] = [leastUsable(change, 'before'), leastUsable(change, 'after')]
  if (usable === 0 && usableBefore > 0) refusals.push({ type: 'all-off', ...route, usable })
  const changePercent = round(changeOf(change))
  if (changePercent > maxChangePercent) {
    refusals.push({ type: 'change-too-large', ...route, changePercent, maxChangePercent })
  }
  const capacityPercent = round(capacityOf(change, 'after'))
  const isLess = capacityPercent < round(capacityOf(change, 'before'))
  if (isLess && capacityPercent < minCapacityPercent) {
    refusals.push({ type: 'capacity-too-small', ...route, capacityPercent, minCapacityPercent })
  }
  return refusals
}

type Side = 'before' | 'after'

function shapeOf({ last, next }: RouteChange, side: Side): RouteShape {
  return side === 'before' ? last : next
}

/** Usable origins of the place that has the fewest. */
function leastUsable(change: RouteChange, side: Side): number {
  const { places, fallback } = shapeOf(change, side)
  const usableIn = (pool: string) => change.pools.get(pool)?.[side].usable ?? 0
  const reserve = fallback === undefined ? 0 : usableIn(fallback)
  return Math.min(...places.map((pools) => reserve + sumOf(pools.map(usableIn))))
}

/** The part of the weight of all origins of the route that is usable. */
function capacityOf(change: RouteChange, side: Side): number {
  const standings = shapeOf(change, side).members.flatMap(
    ({ pool }) => change.pools.get(pool)?.[side] ?? [],
  )
  const weight = sumOf(standings.map((standing) => standing.weight))
  return weight > 0 ? (100 * sumOf(standings.map(({ surviving }) => surviving))) / weight : 100
}

/** How much of the traffic of the route moves: half the sum of all differences, which is what comes to others. */
function changeOf(change: RouteChange): number {
  const [before, after] = [sharesOf(change, 'before'), sharesOf(change, 'after')]
  // Traffic that has nowhere to go is no traffic that moves: another interlock speaks of that.
  if (before.size === 0 || after.size === 0) return 0
  let moved = 0
  for (const pool of new Set([...before.keys(), ...after.keys()])) {
    const pair = change.pools.get(pool)
    if (pair) moved += movedWithin(pair, before.get(pool) ?? 0, after.get(pool) ?? 0)
  }
  return 50 * moved
}

interface Member {
  readonly pool: string
  readonly weight: number
  readonly admitted: number
}

/** The share of the route's clients that goes to each pool, summing up to 1; empty when none is usable. */
function sharesOf(change: RouteChange, side: Side): ReadonlyMap<string, number> {
  const { members, isOrdered, fallback } = shapeOf(change, side)
  const admittedIn = (pool: string) => change.pools.get(pool)?.[side].admitted ?? 0
  const usable = members
    .map(({ pool, weight }): Member => ({ pool, weight, admitted: admittedIn(pool) }))
    .filter(({ admitted }) => admitted > 0)
  if (usable.length === 0) {
    const isLeft = fallback !== undefined && admittedIn(fallback) > 0
    return new Map(isLeft ? [[fallback, 1]] : [])
  }
  return isOrdered ? sharesInOrder(usable) : sharesByWeight(usable)
}

/** The first pool takes whom it admits, the next one of the others, and so on; who is left goes to the first. */
function sharesInOrder(members: readonly Member[]): ReadonlyMap<string, number> {
  const shares = new Map<string, number>()
  let left = 1
  for (const { pool, admitted } of members) {
    shares.set(pool, left * admitted)
    left -= left * admitted
  }
  const [first] = members
  if (first) shares.set(first.pool, (shares.get(first.pool) ?? 0) + left)
  return shares
}

/**
 * Each pool takes whom it admits of its part by weight; the others go to the other pools by weight. Nobody goes
 * to a pool of weight 0 while one with weight is usable.
 */
function sharesByWeight(members: readonly Member[]): ReadonlyMap<string, number> {
  const total = sumOf(members.map(({ weight }) => weight))
  const weighted = total > 0 ? members : members.map((member) => ({ ...member, weight: 1 }))
  const takes = sumOf(weighted.map(({ weight, admitted }) => weight * admitted))
  const shares = new Map(weighted.map(({ pool }) => [pool, 0]))
  const give = (pool: string, share: number) => shares.set(pool, (shares.get(pool) ?? 0) + share)
  for (const { pool, weight, admitted } of weighted) {
    const comes = weight / (total > 0 ? total : weighted.length)
    const others = takes - weight * admitted
    // Who is not admitted where nobody else is goes there all the same, as a last resort.
    give(pool, others > 0 ? comes * admitted : comes)
    if (others <= 0) continue
    for (const other of weighted) {
      if (other.pool === pool) continue
      give(other.pool, (comes * (1 - admitted) * other.weight * other.admitted) / others)
    }
  }
  return shares
}

function round(percent: number): number {
  return Math.round(percent * 10) / 10
}
