/**
 * How far counts of outcomes may be from what their chances give, in standard deviations: one fair run in
 * 150,000 is farther off. Runs are fixed, so that one that passes always does.
 */
export const LUCK = 4.5

/** The count of outcomes that is farthest from its share of all, in standard deviations of a binomial. */
export function deviation(counts: readonly number[], shares: readonly number[]): number {
  const trials = counts.reduce((sum, count) => sum + count, 0)
  return Math.max(
    ...counts.map((count, outcome) => {
      const share = shares[outcome] ?? 0
      const off = Math.abs(count - trials * share)
      return off === 0 ? 0 : off / Math.sqrt(trials * share * (1 - share))
    }),
  )
}

/** How often each of `size` outcomes came up in `trials` trials. */
export function tally(size: number, trials: number, outcomeOf: (n: number) => number): number[] {
  const counts = Array.from({ length: size }, () => 0)
  for (let n = 0; n < trials; n += 1) {
    const outcome = outcomeOf(n)
    counts[outcome] = (counts[outcome] ?? 0) + 1
  }
  return counts
}

/** As many equal shares. */
export function evenly(size: number): number[] {
  return Array.from({ length: size }, () => 1 / size)
}
