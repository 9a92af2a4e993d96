import type { CompiledRoute } from '../../core/snapshot.ts'
import type { RequestFacts } from '../../schema/facts.ts'
import type { QuotaStanding, RefusalReason } from '../../schema/reason.ts'
import { isRebuildable } from '../incoming.ts'
import type { Result } from '../pass.ts'
import type { Passage } from '../passage.ts'
import { setRateFields } from './rate-fields.ts'
import { countRates, type RateVerdict } from './rates.ts'

/** Whether a request may go on, as far as limits are concerned. */
export type LimitVerdict =
  | { readonly ok: true; settle(this: void, result: Result): Result }
  | { readonly ok: false; readonly refusal: RefusalReason }

const ADMITTED: LimitVerdict = { ok: true, settle: (result) => result }

/** Counts a request against the limits of its route. */
export function limit(
  passage: Passage,
  route: CompiledRoute,
  facts: RequestFacts,
): LimitVerdict | Promise<LimitVerdict> {
  if (route.limits.length === 0) return ADMITTED
  const counted = countRates(passage, route, facts)
  return counted instanceof Promise
    ? counted.then((rates) => toVerdict(passage, rates))
    : toVerdict(passage, counted)
}

function toVerdict({ isolate }: Passage, rates: RateVerdict): LimitVerdict {
  if (!rates.ok) {
    isolate.limits.counts.rateLimited += 1
    return { ok: false, refusal: rates.refusal }
  }
  const { announced } = rates
  return announced.length === 0
    ? ADMITTED
    : { ok: true, settle: (result) => announce(result, announced) }
}

/** Tells a client how it stands, with an answer that can be copied. */
function announce(result: Result, standings: readonly QuotaStanding[]): Result {
  if (!(result instanceof Response) || !isRebuildable(result.status)) return result
  const copy = new Response(result.body, result)
  setRateFields(copy.headers, standings)
  return copy
}
