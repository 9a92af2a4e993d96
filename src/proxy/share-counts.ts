import type { AffinityDecision, SteerDecision } from '../core/decision.ts'
import type { CompiledOrigin } from '../core/snapshot.ts'
import type { Ledger } from './ledger.ts'
import { sharesIn } from './tally.ts'

/**
 * Counts, while a share moves, for whom a request would be if every share were whole, whether its client is free
 * to go anywhere, and where affinity keeps it: by that the ramp solves how many of the free ones to admit.
 */
export function countShares(
  ledger: Pick<Ledger, 'origins' | 'poolsById'>,
  { natural, affinity }: Pick<SteerDecision, 'natural' | 'affinity'>,
): void {
  if (natural === undefined) return
  const home = sharesOf(ledger, natural)
  if (home === undefined) return
  home.natural += 1
  const { kept, left } = affinity ?? {}
  const there = kept && sharesOf(ledger, kept)
  if (there) there.kept += 1
  if (kept === undefined && !(left && isWaiting(ledger, natural, left))) home.free += 1
}

/** A client that belonged there comes back as the share lets it: admitting more of the free ones changes nothing. */
function isWaiting(
  { poolsById }: Pick<Ledger, 'poolsById'>,
  { pool }: CompiledOrigin,
  { origin, why }: NonNullable<AffinityDecision['left']>,
): boolean {
  if (why.type !== 'not-admitted') return false
  return poolsById.get(pool)?.origins.some(({ id }) => id === origin) ?? false
}

function sharesOf({ origins }: Pick<Ledger, 'origins'>, { index, id }: CompiledOrigin) {
  const record = origins[index]
  return record?.id === id ? sharesIn(record.tally) : undefined
}
