import type { RampState } from './state.ts'

/** Weights by pool. */
export type Weights = Readonly<Record<string, number>>

/** Weights are rounded to a millionth of a percent, so that equal ones are equal. */
const PRECISION = 1e6

/**
 * What the subject of a ramp may take, in percent of its whole share: a recovery brings it up, a drain takes it
 * away, a shift leaves it alone.
 */
export function sharePercentOf({ use, percent }: Pick<RampState, 'use' | 'percent'>): number {
  switch (use) {
    case 'recovery':
      return percent
    case 'drain':
      return 100 - percent
    case 'shift':
      return 100
  }
}

/**
 * The shares of 100 that pools have while some percent of the clients go by one set of weights and the others by
 * another: every share goes straight, so that one which grows never falls in between.
 * A pool that only one set names has weight 0 in the other. A set of nothing but zeros has no shares: the other
 * one holds.
 */
export function betweenWeights(from: Weights, to: Weights, percent: number): Weights {
  const start = sumOf(from) > 0 ? from : to
  const end = sumOf(to) > 0 ? to : start
  const pools = [...new Set([...Object.keys(from), ...Object.keys(to)])]
  const shares = pools.map((pool) => {
    const before = shareIn(start, pool)
    const share = before + ((shareIn(end, pool) - before) * percent) / 100
    return [pool, Math.round(share * PRECISION) / PRECISION] as const
  })
  return Object.fromEntries(shares)
}

function shareIn(weights: Weights, pool: string): number {
  const sum = sumOf(weights)
  return sum > 0 ? (100 * (weights[pool] ?? 0)) / sum : 0
}

function sumOf(weights: Weights): number {
  return Object.values(weights).reduce((sum, weight) => sum + weight, 0)
}
