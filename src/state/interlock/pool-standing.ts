import type { PoolPicture, TrafficPicture } from './route-picture.ts'

/** What a pool takes and carries at one moment. */
export interface PoolStanding {
  /** 0 to 1: how much of the clients that come to it are taken. */
  readonly admitted: number
  /** Origins that may serve; those that wait for their first share are counted, since they may as a last resort. */
  readonly usable: number
  /** Weight of its origins, and of those that are usable as far as they are admitted. */
  readonly weight: number
  readonly surviving: number
  readonly origins: readonly string[]
  /** Aligned with `origins`: how its traffic is divided, summing up to 1; all 0 when none is usable. */
  readonly shares: readonly number[]
}

/** A pool before and after a change. */
export interface PoolPair {
  readonly before: PoolStanding
  readonly after: PoolStanding
  readonly isSame: boolean
  /** Whether its origins divide its traffic as they did before. */
  readonly dividesSame: boolean
}

const NOBODY: PoolPicture = {
  isUsable: false,
  sharePercent: 0,
  shedPercent: 0,
  isOrdered: false,
  origins: [],
}

/** Every pool of two pictures, once for all the routes that name it. */
export function comparePools(
  before: TrafficPicture,
  after: TrafficPicture,
): ReadonlyMap<string, PoolPair> {
  const ids = new Set([...Object.keys(before.pools), ...Object.keys(after.pools)])
  return new Map(
    [...ids].map((id) => [
      id,
      toPair(toStanding(before.pools[id] ?? NOBODY), toStanding(after.pools[id] ?? NOBODY)),
    ]),
  )
}

/** How much of the traffic of a route moves between origins of one pool that gets `last`, and then `next`. */
export function movedWithin(
  { before, after, dividesSame }: PoolPair,
  last: number,
  next: number,
): number {
  if (dividesSame) return Math.abs(next - last)
  const shares = new Map(before.origins.map((id, at) => [id, last * (before.shares[at] ?? 0)]))
  let moved = 0
  for (const [at, id] of after.origins.entries()) {
    moved += Math.abs(next * (after.shares[at] ?? 0) - (shares.get(id) ?? 0))
    shares.delete(id)
  }
  return moved + sumOf([...shares.values()])
}

/** The sum of numbers. */
export function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}

/** The picture as critical routes have it: nothing of them is shed. */
export function withoutShedding({ pools, routes }: TrafficPicture): TrafficPicture {
  const whole = Object.entries(pools).map(
    ([id, pool]) => [id, { ...pool, shedPercent: 0 }] as const,
  )
  return { pools: Object.fromEntries(whole), routes }
}

/** Whether some pool sheds by hand. */
export function isShedding({ pools }: TrafficPicture): boolean {
  return Object.values(pools).some(({ shedPercent }) => shedPercent > 0)
}

function toStanding(picture: PoolPicture): PoolStanding {
  const { sharePercent, shedPercent, isOrdered, origins } = picture
  // What is shed is never taken as a last resort: who sheds everyone new serves nobody new.
  const isUsable = picture.isUsable && shedPercent < 100
  const admitted = isUsable ? (sharePercent * (100 - shedPercent)) / 10_000 : 0
  const weights = origins.map((origin) =>
    isUsable && origin.isUsable ? (origin.weight * origin.sharePercent) / 100 : 0,
  )
  return {
    admitted,
    usable: isUsable ? origins.filter((origin) => origin.isUsable).length : 0,
    weight: sumOf(origins.map(({ weight }) => weight)),
    surviving: admitted * sumOf(weights),
    origins: origins.map(({ origin }) => origin),
    shares: divide(weights, isOrdered),
  }
}

function divide(weights: readonly number[], isOrdered: boolean): readonly number[] {
  const first = weights.findIndex((weight) => weight > 0)
  if (isOrdered) return weights.map((_, at) => (at === first ? 1 : 0))
  const sum = sumOf(weights)
  return weights.map((weight) => (sum > 0 ? weight / sum : 0))
}

function toPair(before: PoolStanding, after: PoolStanding): PoolPair {
  const dividesSame =
    isSameList(before.origins, after.origins) && isSameList(before.shares, after.shares)
  const isSame =
    dividesSame &&
    before.admitted === after.admitted &&
    before.usable === after.usable &&
    before.weight === after.weight &&
    before.surviving === after.surviving
  return { before, after, isSame, dividesSame }
}

function isSameList<Item>(left: readonly Item[], right: readonly Item[]): boolean {
  return left.length === right.length && left.every((item, at) => item === right[at])
}
