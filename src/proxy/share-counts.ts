import type { SteerDecision } from '../core/decision.ts'
import type { CompiledOrigin } from '../core/snapshot.ts'
import type { Ledger } from './ledger.ts'
import { sharesIn } from './tally.ts'

/**
 * Counts, while a share moves, for whom a request would be if every share were whole, whether its client is free
 * to go anywhere, and where affinity keeps it: by that the ramp solves how many of the free ones to admit.
 */
export function countShares(
  ledger: Pick<Ledger, 'origins'>,
  { natural, affinity }: Pick<SteerDecision, 'natural' | 'affinity'>,
): void {
  const home = natural && sharesOf(ledger, natural)
  if (home === undefined) return
  home.natural += 1
  const kept = affinity?.kept
  if (kept === undefined) {
    home.free += 1
    return
  }
  const there = sharesOf(ledger, kept)
  if (there) there.kept += 1
}

function sharesOf({ origins }: Pick<Ledger, 'origins'>, { index, id }: CompiledOrigin) {
  const record = origins[index]
  return record?.id === id ? sharesIn(record.tally) : undefined
}
