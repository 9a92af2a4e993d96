import { type Simulation, SIMULATION_LIMITS } from '../schema/simulation.ts'
import type { Tolerance } from './decision.ts'
import { toWords } from './reason.ts'
import type { Tally } from './simulation-tally.ts'
import type { CompiledOrigin, Snapshot } from './snapshot.ts'

/** As things stand, and as they would stand. */
export interface Situations {
  readonly now: Snapshot
  readonly next: Snapshot
}

/** What was decided as things stand, and as they would stand. */
export interface Totals {
  readonly before: Tally
  readonly after: Tally
}

/** The share of every origin that gets any traffic, and its rate where that of the whole is known. */
export function sharesOfOrigins(
  { now, next }: Situations,
  { before, after }: Totals,
  requestsPerSecond: number | undefined,
): Simulation['origins'] {
  const known = new Map<string, CompiledOrigin>()
  for (const origin of [...now.origins, ...next.origins]) known.set(origin.id, origin)
  const served = [...known.values()].filter(({ id }) => isServed(before, id) || isServed(after, id))
  return served.map(({ id, pool, capacity }) => ({
    origin: id,
    pool,
    beforePercent: percentOf(before, before.origins.get(id)),
    afterPercent: percentOf(after, after.origins.get(id)),
    ...(requestsPerSecond !== undefined && {
      beforePerSecond: rateOf(before, id, requestsPerSecond),
      afterPerSecond: rateOf(after, id, requestsPerSecond),
    }),
    ...(capacity !== undefined && { capacity }),
  }))
}

function isServed({ origins, copies }: Tally, id: string): boolean {
  return origins.has(id) || copies.has(id)
}

/** Copies of mirrored requests are work as well. */
function rateOf({ origins, copies, total }: Tally, id: string, requestsPerSecond: number): number {
  const weight = (origins.get(id) ?? 0) + (copies.get(id) ?? 0)
  return round((requestsPerSecond * weight) / total)
}

/** The same by pool. */
export function sharesOfPools(
  { now, next }: Situations,
  { before, after }: Totals,
  origins: Simulation['origins'],
): Simulation['pools'] {
  const ids = new Set([...now.pools, ...next.pools].map(({ id }) => id))
  return [...ids].map((pool) => {
    const own = origins.filter((origin) => origin.pool === pool)
    const rates = own.flatMap(({ beforePerSecond, afterPerSecond }) =>
      beforePerSecond === undefined || afterPerSecond === undefined
        ? []
        : [[beforePerSecond, afterPerSecond] as const],
    )
    return {
      pool,
      beforePercent: percentOf(before, before.pools.get(pool)),
      afterPercent: percentOf(after, after.pools.get(pool)),
      ...(rates.length > 0 && {
        beforePerSecond: round(rates.reduce((sum, [rate]) => sum + rate, 0)),
        afterPerSecond: round(rates.reduce((sum, [, rate]) => sum + rate, 0)),
      }),
    }
  })
}

/** Origins that would get more than they can take, the worst first. */
export function exceededOf(origins: Simulation['origins']): Simulation['exceeded'] {
  return origins
    .flatMap(({ origin, pool, capacity, beforePerSecond = 0, afterPerSecond = 0 }) =>
      capacity === undefined || afterPerSecond <= capacity
        ? []
        : [
            {
              origin,
              pool,
              requestsPerSecond: afterPerSecond,
              capacity,
              wasExceeded: beforePerSecond > capacity,
            },
          ],
    )
    .toSorted(
      (left, right) =>
        right.requestsPerSecond / right.capacity - left.requestsPerSecond / left.capacity,
    )
}

const TOLERANCES: readonly Tolerance[] = ['none', 'last-resort', 'reserve', 'fail-open', 'fallback']

/** How far decisions had to go. */
export function tolerancesOf({ before, after }: Totals): Simulation['tolerances'] {
  return TOLERANCES.map((tolerance) => ({
    tolerance,
    beforePercent: percentOf(before, before.tolerances.get(tolerance)),
    afterPercent: percentOf(after, after.tolerances.get(tolerance)),
  })).filter(({ beforePercent, afterPercent }) => beforePercent + afterPercent > 0)
}

/** What was refused and why, the most first. */
export function refusalsOf({ before, after }: Totals): Simulation['refusals'] {
  const reasons = new Map([...before.refusals, ...after.refusals])
  return [...reasons]
    .map(([key, { reason }]) => ({
      reason,
      beforePercent: percentOf(before, before.refusals.get(key)?.weight),
      afterPercent: percentOf(after, after.refusals.get(key)?.weight),
      words: toWords(reason),
    }))
    .toSorted((left, right) => right.afterPercent - left.afterPercent)
    .slice(0, SIMULATION_LIMITS.refusals)
}

/** Two digits: what is finer is chance. */
export function round(value: number): number {
  return Math.round(value * 100) / 100
}

function percentOf({ total }: Tally, weight = 0): number {
  return round((100 * weight) / total)
}
