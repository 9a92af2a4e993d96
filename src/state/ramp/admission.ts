/** What is known of the traffic of something whose share is moved, in percent of its whole share. */
export interface AdmissionInput {
  /** How much it should take. */
  readonly targetPercent: number
  /** How much stays with it whatever its share, because affinity keeps it there. */
  readonly keptPercent: number
  /** How much stays elsewhere for the same reason. Default: nothing. */
  readonly awayPercent?: number
}

/** The share of new clients, and what comes of it. */
export interface Admission {
  /** The share of those that are free to go anywhere. */
  readonly newPercent: number
  /** What it takes with that, kept clients included. */
  readonly reachedPercent: number
  /** What cannot be reached, in words and numbers; empty when the target is. */
  readonly said: string
}

/**
 * Solves the share of new clients so that the whole is right: of 100 clients some are kept, some are bound
 * elsewhere, and of the rest the share is admitted. What cannot be reached is said, and the nearest is taken.
 */
export function solveAdmission(input: AdmissionInput): Admission {
  const { targetPercent } = input
  const keptPercent = within(input.keptPercent, 100)
  const awayPercent = within(input.awayPercent ?? 0, 100 - keptPercent)
  const freePercent = 100 - keptPercent - awayPercent
  const wanted = targetPercent - keptPercent
  const newPercent =
    freePercent > 0 ? within((100 * wanted) / freePercent, 100) : wanted > 0 ? 100 : 0
  const reachedPercent = keptPercent + (freePercent * newPercent) / 100
  return { newPercent, reachedPercent, said: wordsOf(targetPercent, reachedPercent) }
}

function wordsOf(targetPercent: number, reachedPercent: number): string {
  if (Math.abs(targetPercent - reachedPercent) < 0.05) return ''
  const reached = `${round(reachedPercent)} % instead of ${round(targetPercent)} %`
  return reachedPercent > targetPercent
    ? `affinity keeps ${reached} there, although no new client is sent`
    : `affinity keeps the others elsewhere: ${reached}, although every new client is sent`
}

function within(percent: number, most: number): number {
  return Math.min(most, Math.max(0, percent))
}

function round(percent: number): number {
  return Math.round(percent * 10) / 10
}
