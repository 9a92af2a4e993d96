import type { ShareCounts } from '../../schema/report.ts'

/** The share of those that are free to go anywhere, and what comes of it; all in percent of the natural share. */
export interface Admission {
  /** How many of the free clients are sent there. */
  readonly admitPercent: number
  /** What stays there whatever the share, because affinity keeps it. */
  readonly keptPercent: number
  /** What is free to go there or elsewhere. */
  readonly freePercent: number
  /** What it takes with that, kept clients included. */
  readonly reachedPercent: number
  /** What cannot be reached, in words and numbers; empty when the share is. */
  readonly said: string
}

/**
 * Solves how many free clients are to be admitted so that the whole is right: with `natural` requests that would
 * come if the share were whole, `kept` ones come anyhow, and of the `free` ones those that are admitted. What
 * cannot be reached is said, and the nearest is taken.
 */
export function solveAdmission(
  sharePercent: number,
  { natural, free, kept }: ShareCounts,
): Admission {
  const keptPercent = natural > 0 ? (100 * kept) / natural : 0
  const freePercent = natural > 0 ? (100 * free) / natural : 100
  const wanted = sharePercent - keptPercent
  const admitPercent = freePercent > 0 ? within((100 * wanted) / freePercent) : wanted > 0 ? 100 : 0
  const reachedPercent = keptPercent + (freePercent * admitPercent) / 100
  const said = wordsOf(sharePercent, reachedPercent)
  return { admitPercent, keptPercent, freePercent, reachedPercent, said }
}

function wordsOf(sharePercent: number, reachedPercent: number): string {
  const [share, reached] = [Math.round(sharePercent), Math.round(reachedPercent)]
  if (share === reached) return ''
  return reached > share
    ? `affinity keeps ${reached} % there although its share is ${share} %`
    : `affinity keeps the others elsewhere: ${reached} % although its share is ${share} %`
}

function within(percent: number): number {
  return Math.min(100, Math.max(0, percent))
}
