import type { CompiledRoute } from '../../core/snapshot.ts'
import type { RequestFacts } from '../../schema/facts.ts'
import type { QuotaStanding, RefusalReason } from '../../schema/reason.ts'
import { isRebuildable } from '../incoming.ts'
import type { Result } from '../pass.ts'
import type { Passage } from '../passage.ts'
import { type Place, takePlace } from './concurrency.ts'
import { addRateFields } from './rate-fields.ts'
import { countRates, type RateVerdict } from './rates.ts'

/** Whether a request may go on, as far as limits are concerned. */
export type LimitVerdict =
  | { readonly ok: true; readonly settling?: Settling }
  | { readonly ok: false; readonly refusal: RefusalReason }

/** What is still to be done for a request that goes on. */
export interface Settling {
  /** What is returned is to be passed on in place of the result. */
  settle(this: void, result: Result): Result
  /** There is no result, but a mistake. */
  abandon(this: void): void
}

const ADMITTED: LimitVerdict = { ok: true }
const NO_RATES: RateVerdict = { ok: true, announced: [] }

/**
 * Counts a request against the limits of its route. It needs a place first, which it leaves again when it has come
 * too often: so none of its limits is charged for a request that another one refuses.
 */
export function limit(
  passage: Passage,
  route: CompiledRoute,
  facts: RequestFacts,
): LimitVerdict | Promise<LimitVerdict> {
  const { concurrency } = route.route
  if (concurrency === undefined) return rate(passage, route, facts)
  const room = takePlace(passage, route, { concurrency, ip: facts.client.ip })
  if (!room.ok) {
    passage.isolate.limits.counts.tooManyAtOnce += 1
    return room
  }
  const { place } = room
  const rated = rate(passage, route, facts)
  return rated instanceof Promise ? inPlaceLater(rated, place) : inPlace(rated, place)
}

async function inPlaceLater(rated: Promise<LimitVerdict>, place: Place): Promise<LimitVerdict> {
  try {
    return inPlace(await rated, place)
  } catch (error) {
    place.leave()
    throw error
  }
}

function inPlace(verdict: LimitVerdict, place: Place): LimitVerdict {
  if (!verdict.ok) {
    place.leave()
    return verdict
  }
  const settle = (result: Result): Result => {
    if (!(result instanceof Response)) {
      place.leave()
      return result
    }
    const staying = place.stay(result)
    return verdict.settling ? verdict.settling.settle(staying) : staying
  }
  return { ok: true, settling: { settle, abandon: place.leave } }
}

function rate(
  passage: Passage,
  route: CompiledRoute,
  facts: RequestFacts,
): LimitVerdict | Promise<LimitVerdict> {
  const rates = route.limits.length === 0 ? NO_RATES : countRates(passage, route, facts)
  return rates instanceof Promise
    ? rates.then((counted) => toVerdict(passage, counted))
    : toVerdict(passage, rates)
}

function toVerdict({ isolate }: Passage, rates: RateVerdict): LimitVerdict {
  if (!rates.ok) {
    isolate.limits.counts.rateLimited += 1
    return rates
  }
  const { announced } = rates
  if (announced.length === 0) return ADMITTED
  const settle = (result: Result) => announce(result, announced)
  return { ok: true, settling: { settle, abandon: () => undefined } }
}

/** Tells a client how it stands, with an answer that can be copied. */
function announce(result: Result, standings: readonly QuotaStanding[]): Result {
  if (!(result instanceof Response) || !isRebuildable(result.status)) return result
  const copy = new Response(result.body, result)
  addRateFields(copy.headers, standings)
  return copy
}
