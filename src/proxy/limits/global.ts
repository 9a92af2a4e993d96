import type { RefusalReason } from '../../schema/reason.ts'
import { retryAfterMsOf, sayOf, spend } from '../../state/rate/admission.ts'
import { leftOfAll, pour, waitMsOf } from '../../state/rate/gcra.ts'
import { giveBack, standingOf, turnAway } from '../../state/rate/lessee.ts'
import type { Passage } from '../passage.ts'
import type { Claim, Counter } from './claim.ts'
import { askNow, flushWhenDue, type Heard } from './lease-calls.ts'
import { type Holding, holdingOf, type Leases, queueKey } from './leases.ts'
import { standingsOf, toRateRefusal } from './standing.ts'

/** What was heard for claims that could not be decided here, by their keys. */
export type Hearings = ReadonlyMap<number, Heard>

/** What a counter of global limits works with. */
export interface GlobalCounting {
  readonly leases: Leases
  readonly hearings: Hearings
  /** Counts where the object that should does not answer: as much as the limit gives, in this isolate alone. */
  readonly local: Counter
  readonly passage: Pick<Passage, 'env' | 'ctx'>
  readonly nowMs: number
}

/** Counts with requests that were leased: one count everywhere, and no call for most requests. */
export function globalCounter({
  leases,
  hearings,
  local,
  passage,
  nowMs,
}: GlobalCounting): Counter {
  const isAlone = ({ key }: Claim) => hearings.get(key) === 'away'
  const standings = (claim: Claim) => {
    const { lessee, lettings } = holdingOf(leases, claim)
    return standingsOf(claim.limit, standingOf(lessee, lettings, nowMs))
  }
  return {
    refusalOf(claim) {
      if (isAlone(claim)) return local.refusalOf(claim)
      if (hearings.get(claim.key) === 'granted') return undefined
      const holding = holdingOf(leases, claim)
      const { lessee, lettings } = holding
      const say = sayOf(lessee, lettings, nowMs)
      if (say === 'held' || say === 'ahead') return undefined
      holding.lessee = turnAway(lessee)
      return toRefusal(claim, holding, nowMs)
    },
    take(claim) {
      if (isAlone(claim)) local.take(claim)
      if (hearings.has(claim.key) && hearings.get(claim.key) !== 'refused') return
      const holding = holdingOf(leases, claim)
      const say = sayOf(holding.lessee, holding.lettings, nowMs)
      if (say !== 'held' && say !== 'ahead') return
      holding.lessee = spend(holding.lessee, holding.lettings, { say, nowMs })
      const { urgency } = holding.lessee
      if (urgency === 'none') return
      queueKey(leases, claim.key, urgency)
      flushWhenDue(leases, urgency, passage)
    },
    standingsOf: (claim) => (isAlone(claim) ? local.standingsOf(claim) : standings(claim)),
  }
}

/** Who is told to wait is told that nothing is left, also where a few are that isolates ask for together. */
function toRefusal({ limit }: Claim, { lessee, lettings }: Holding, nowMs: number): RefusalReason {
  const { quotas } = limit
  const bucket = standingOf(lessee, lettings, nowMs)
  const shown = pour(bucket, quotas, leftOfAll(bucket, quotas))
  const waitMs = Math.max(waitMsOf(shown, quotas), retryAfterMsOf(lessee, lettings, nowMs))
  return toRateRefusal(limit, standingsOf(limit, shown), waitMs)
}

/** Whether nothing can be said of a claim before its object has been asked. */
export function isToAsk(leases: Leases, claim: Claim, nowMs: number): boolean {
  const { lessee, lettings } = holdingOf(leases, claim)
  return sayOf(lessee, lettings, nowMs) === 'ask'
}

/** Asks for claims of which nothing can be said here. */
export async function hear(
  leases: Leases,
  claims: readonly Claim[],
  caller: Pick<Passage, 'env' | 'ctx'>,
): Promise<Hearings> {
  const heard = claims.map(
    async (claim) => [claim.key, await askNow(leases, claim, caller)] as const,
  )
  return new Map(await Promise.all(heard))
}

/** What was granted to a request that is refused all the same serves the next one. */
export function giveAllBack(
  leases: Leases,
  claims: readonly Claim[],
  { hearings, nowMs }: { readonly hearings: Hearings; readonly nowMs: number },
): void {
  for (const claim of claims) {
    if (hearings.get(claim.key) !== 'granted') continue
    const holding = holdingOf(leases, claim)
    holding.lessee = giveBack(holding.lessee, holding.lettings, nowMs)
  }
}
