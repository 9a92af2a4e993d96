import type { CompiledLimit } from '../../core/compile-limits.ts'
import { rateKeyOf, type ReadToken } from '../../core/rate-key.ts'
import type { CompiledRoute } from '../../core/snapshot.ts'
import type { RequestFacts } from '../../schema/facts.ts'
import type { QuotaStanding, RefusalReason } from '../../schema/reason.ts'
import type { Passage } from '../passage.ts'
import type { Claim, Counter } from './claim.ts'
import { giveAllBack, globalCounter, hear, type Hearings, isToAsk } from './global.ts'
import { localCounter } from './local.ts'
import { askPlatform } from './platform.ts'
import { policiesOf } from './standing.ts'

/** Whether a request comes too often; what is announced with its answer, if anything. */
export type RateVerdict =
  | { readonly ok: true; readonly announced: readonly QuotaStanding[] }
  | { readonly ok: false; readonly refusal: RefusalReason }

const NOTHING: RateVerdict = { ok: true, announced: [] }
const UNHEARD: Hearings = new Map()

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
  const { arrivedAtMs: nowMs, isolate } = passage
  const { leases } = isolate.limits
  const counters = toCounters(passage, UNHEARD, nowMs)
  const unsure = claims.filter((claim) => {
    return claim.limit.mode === 'global' && isToAsk(leases, claim, nowMs)
  })
  const known = unsure.length === 0 ? claims : claims.filter((claim) => !unsure.includes(claim))
  const refusal = firstRefusal(known, counters)
  if (refusal) return { ok: false, refusal }
  const isSettled = unsure.length === 0 && !limits.some(isOfPlatform)
  return isSettled ? takeAll(claims, counters) : countElsewhere(passage, claims, unsure)
}

/**
 * What others count is asked last, since asking takes; the platform after all others, since it takes nothing back.
 * What is counted here may have changed meanwhile.
 */
async function countElsewhere(
  passage: Passage,
  claims: readonly Claim[],
  unsure: readonly Claim[],
): Promise<RateVerdict> {
  const { env, isolate } = passage
  const { leases, counts } = isolate.limits
  const hearings = await hear(leases, unsure, passage)
  counts.globalAlone += [...hearings.values()].filter((heard) => heard === 'away').length
  const counters = () => toCounters(passage, hearings, Date.now())
  const refusal = firstRefusal(claims, counters()) ?? (await refusalOfPlatform(claims, env, counts))
  const last = refusal ?? firstRefusal(claims, counters())
  if (last === undefined) return takeAll(claims, counters())
  giveAllBack(leases, claims, { hearings, nowMs: Date.now() })
  return { ok: false, refusal: last }
}

async function refusalOfPlatform(
  claims: readonly Claim[],
  env: Passage['env'],
  counts: Passage['isolate']['limits']['counts'],
): Promise<RefusalReason | undefined> {
  const asked = claims.filter(({ limit }) => isOfPlatform(limit))
  const answers = await Promise.all(asked.map((claim) => askPlatform(claim, env, counts)))
  return answers.find(Boolean)
}

type Counters = (limit: CompiledLimit) => Counter | undefined

/** The platform has no counter here: it says yes or no, and that is all. */
function toCounters(passage: Passage, hearings: Hearings, nowMs: number): Counters {
  const { leases, local: table } = passage.isolate.limits
  const local = localCounter(table, nowMs)
  const global = globalCounter({ leases, hearings, local, passage, nowMs })
  return ({ mode }) => (mode === 'local' ? local : mode === 'global' ? global : undefined)
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

function isOfPlatform({ mode }: CompiledLimit): boolean {
  return mode === 'platform'
}
