import { isAhead } from '../ahead.ts'

/** Requests that may be spent until then. */
export interface Lease {
  readonly count: number
  readonly untilMs: number
}

/** Those that have not lapsed. A clock that has jumped back makes none longer than `leaseMs`. */
export function currentLeases(
  leases: readonly Lease[],
  leaseMs: number,
  nowMs: number,
): readonly Lease[] {
  const isCurrent = ({ untilMs }: Lease) => isAhead(untilMs, nowMs, leaseMs)
  return leases.every(isCurrent) ? leases : leases.filter(isCurrent)
}

/** How many requests they hold together. */
export function countOf(leases: readonly Lease[]): number {
  return leases.reduce((sum, { count }) => sum + count, 0)
}

/** One less, of the first to lapse. */
export function spendOne([first, ...others]: readonly Lease[]): readonly Lease[] {
  return first !== undefined && first.count > 1
    ? [{ ...first, count: first.count - 1 }, ...others]
    : others
}
