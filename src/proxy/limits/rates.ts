import type { CompiledLimit } from '../../core/compile-limits.ts'
import { rateKeyOf, type ReadToken } from '../../core/rate-key.ts'
import type { CompiledRoute } from '../../core/snapshot.ts'
import type { RequestFacts } from '../../schema/facts.ts'
import type { QuotaStanding, RefusalReason } from '../../schema/reason.ts'
import type { Passage } from '../passage.ts'
import type { Claim, Counter } from './claim.ts'
import { localCounter } from './local.ts'
import { askPlatform } from './platform.ts'
import { policiesOf } from './standing.ts'

/** Whether a request comes too often; what is announced with its answer, if anything. */
export type RateVerdict =
  | { readonly ok: true; readonly announced: readonly QuotaStanding[] }
  | { readonly ok: false; readonly refusal: RefusalReason }

const NOTHING: RateVerdict = { ok: true, announced: [] }

/** Counts a request against the rate limits of its route: against all of them, or against none. */
export function countRates(
  passage: Passage,
  { limits }: CompiledRoute,
  facts: RequestFacts,
): RateVerdict | Promise<RateVerdict> {
  const readToken: ReadToken = () => passage.headers.get('authorization') ?? undefined
  const claims = limits.map((limit) => {
    return { limit, key: rateKeyOf(limit.key, limit.salt, { facts, readToken }) }
  })
  const counters = toCounters(passage)
  const refusal = firstRefusal(claims, counters)
  if (refusal) return { ok: false, refusal }
  if (limits.every(isLocal)) return takeAll(claims, counters)
  return countElsewhere(passage, claims)
}

/** What others count is asked last, since asking takes; what is counted here may have changed meanwhile. */
async function countElsewhere(passage: Passage, claims: readonly Claim[]): Promise<RateVerdict> {
  const { env, isolate } = passage
  const elsewhere = claims.filter(({ limit }) => limit.mode === 'platform')
  const answers = await Promise.all(
    elsewhere.map((claim) => askPlatform(claim, env, isolate.limits.counts)),
  )
  const counters = toCounters(passage)
  const refusal = answers.find(Boolean) ?? firstRefusal(claims, counters)
  return refusal ? { ok: false, refusal } : takeAll(claims, counters)
}

type Counters = (limit: CompiledLimit) => Counter | undefined

function toCounters({ isolate, arrivedAtMs }: Passage): Counters {
  const local = localCounter(isolate.limits.local, arrivedAtMs)
  return (limit) => (limit.mode === 'local' ? local : undefined)
}

function firstRefusal(claims: readonly Claim[], counters: Counters): RefusalReason | undefined {
  for (const claim of claims) {
    const refusal = counters(claim.limit)?.refusalOf(claim)
    if (refusal) return refusal
  }
  return undefined
}

function takeAll(claims: readonly Claim[], counters: Counters): RateVerdict {
  for (const claim of claims) counters(claim.limit)?.take(claim)
  const told = claims.filter(({ limit }) => limit.announce)
  if (told.length === 0) return NOTHING
  const announced = told.flatMap((claim) => {
    return counters(claim.limit)?.standingsOf(claim) ?? policiesOf(claim.limit)
  })
  return { ok: true, announced }
}

function isLocal({ mode }: CompiledLimit): boolean {
  return mode === 'local'
}
