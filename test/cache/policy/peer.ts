import CachePolicy from 'http-cache-semantics'
import { judgeReuse } from '../../../src/cache/policy/reuse.ts'
import { variantText } from '../../../src/cache/policy/selection.ts'
import { judgeStorage } from '../../../src/cache/policy/storage.ts'
import { exchangeOf, NOON, rulesOf, toRequest, toStored } from './exchange.ts'

/** An answer at noon, and a second request some time later. */
export interface Play {
  readonly status: number
  readonly control: readonly string[]
  readonly headers: Readonly<Record<string, string>>
  /** Headers of the request that fetched it, and of the one that may get it. */
  readonly fetched: Readonly<Record<string, string>>
  readonly asked: Readonly<Record<string, string>>
  readonly laterMs: number
}

/** Whether the second request is given the stored answer, or the origin is asked. */
export type Outcome = 'used' | 'asked'

const RULES = rulesOf({
  ttl: { heuristic: { share: 0.1, most: '30d' } },
  armor: false,
})

/** What this policy makes of it, as http-cache-semantics is set: with heuristics, and clients that are heard. */
export function playHere(play: Play): Outcome {
  const { status, fetched, asked, laterMs } = play
  const exchange = exchangeOf({ status, asked: fetched, headers: headersOf(play) })
  const verdict = judgeStorage(exchange, RULES)
  if (!verdict.store) return 'asked'
  const { vary } = verdict.head
  const request = toRequest(asked)
  if (variantText(exchange.request, vary) !== variantText(request, vary)) return 'asked'
  const moment = {
    nowMs: NOON + laterMs,
    respectNoCache: true,
    situation: 'well',
    purge: 'none',
  } as const
  const { type } = judgeReuse(toStored(verdict.head), request, moment)
  return type === 'fresh' || type === 'stale' ? 'used' : 'asked'
}

/** What http-cache-semantics makes of it. */
export function playThere(play: Play): Outcome {
  let nowMs = NOON
  class Policy extends CachePolicy {
    now(): number {
      return nowMs
    }
  }
  const request = { url: '/', method: 'GET' }
  const policy = new Policy(
    { ...request, headers: { ...play.fetched } },
    { status: play.status, headers: headersOf(play) },
    { shared: true, cacheHeuristic: 0.1, immutableMinTimeToLive: 0 },
  )
  nowMs += play.laterMs
  const { response } = policy.evaluateRequest({ ...request, headers: { ...play.asked } })
  return policy.storable() && response !== undefined ? 'used' : 'asked'
}

/** The headers of the answer; without a `Date` of its own it is of noon. */
function headersOf({ control, headers }: Play): Record<string, string> {
  const cacheControl = control.length === 0 ? {} : { 'cache-control': control.join(', ') }
  return { date: new Date(NOON).toUTCString(), ...headers, ...cacheControl }
}
