import { isFailure } from '../../cache/policy/statuses.ts'
import type { Shielded } from '../../cache/shield.ts'
import { noteOut } from '../../cache/outages.ts'
import { isByFallback, isRouteOut } from '../../core/cache-situation.ts'
import type { Decision, SteerDecision } from '../../core/decision.ts'
import { invariant } from '../../core/invariant.ts'
import type { RequestFacts } from '../../schema/facts.ts'
import { discard } from '../attempt.ts'
import type { Result } from '../pass.ts'
import type { Passage } from '../passage.ts'
import { reportWhenDue } from '../passive-reports.ts'
import { reach, type Reached, toResult } from '../steer.ts'
import { askShieldFor } from './ask-shield.ts'
import { letGo } from './body.ts'
import { takeFromShield } from './from-shield.ts'
import { giveSpare, isLate, spareIn } from './late.ts'
import { countMiss, landLed, type Lead } from './leading.ts'
import { receive } from './receive.ts'
import { renew } from './renew.ts'
import { judge, sightOf } from './standing.ts'

/** A decision for a request that leads, on its way to be carried out. */
export interface Decided {
  readonly passage: Passage
  readonly facts: RequestFacts
  readonly decision: Decision
}

/**
 * Carries out what was decided for a request that leads. Where nobody may serve, and where whoever was asked has
 * failed, what is stale is given out in place of that.
 */
export async function settle(led: Lead, decided: Decided): Promise<Result> {
  const { passage, decision } = decided
  const { engine, found } = led.visit
  if (isRouteOut(decision, sightOf(led.visit))) {
    const isTrialDue = noteOut(engine.outages, found.route.id, Date.now())
    const stale = giveKnown(led, 'out')
    if (stale !== undefined) {
      if (isTrialDue && decision.type === 'steer') tryAnyway(led, { ...decided, decision })
      return stale
    }
  }
  if (decision.type === 'steer') return proceed(led, { ...decided, decision })
  invariant(decision.type === 'refuse', 'a route with a cache steers')
  reportWhenDue(passage, passage.arrivedAtMs)
  countFailed(led)
  return decision.reason
}

interface Steered extends Decided {
  readonly decision: SteerDecision
}

/** Asks the shield or the origins; a copy that may be used while nobody may serve makes up for one that says nothing. */
async function proceed(led: Lead, steered: Steered): Promise<Result> {
  const asking = ask(led, steered)
  const isReplaceable = !led.isBackground && spareIn(led.visit, led.known) !== undefined
  if (isReplaceable && (await isLate(asking))) {
    const stale = giveSpare(led.visit, led.known)
    if (stale !== undefined) {
      goOnBehind(led, steered, asking)
      return stale
    }
  }
  return conclude(led, steered, await asking)
}

/** What came of asking: the shield's word, or that of the origins. */
type Told =
  | { readonly shielded: Shielded; readonly reached?: undefined }
  | { readonly shielded?: undefined; readonly reached: Reached }

async function ask(led: Lead, { passage, facts, decision }: Steered): Promise<Told> {
  const shielded = await askShield(led, passage)
  return shielded ? { shielded } : { reached: await reach(passage, facts, decision) }
}

async function conclude(led: Lead, steered: Steered, told: Told): Promise<Result> {
  if (told.shielded !== undefined) {
    const isRefused = told.shielded.head.type === 'refused'
    return (isRefused && giveKnown(led, 'out')) || takeFromShield(led, told.shielded)
  }
  const { passage, facts, decision } = steered
  const { reached } = told
  const { trip, outcome } = reached
  const failure = failureOf(reached)
  const stale = failure && giveKnown(led, failure, reached)
  if (stale !== undefined) {
    discard(outcome)
    return stale
  }
  if (outcome.type === 'failed') {
    countFailed(led)
    return toResult(trip, facts, outcome)
  }
  const { known } = led
  const isRenewed = outcome.status === 304 && known !== undefined
  const isOfOrigins = !isByFallback(decision, passage.standing.snapshot)
  const received = { trip, outcome, isOfOrigins }
  const response = await (isRenewed ? renew(led, known, received) : receive(led, received))
  if (response === undefined) {
    discard(outcome)
    led.known = undefined
    return proceed(led, steered)
  }
  const hold = isRenewed ? undefined : outcome.hold
  return toResult(trip, facts, { ...outcome, response, hold, status: response.status })
}

/** Waits on behind the stale answer that the client has. The flight goes on with it: who comes meanwhile sees that. */
function goOnBehind(led: Lead, steered: Steered, asking: Promise<Told>): void {
  toBackground(led)
  led.isKeeping = true
  led.visit.passage.ctx.waitUntil(finish(led, steered, asking))
}

async function finish(led: Lead, steered: Steered, asking: Promise<Told>): Promise<void> {
  try {
    const told = await asking
    led.isKeeping = false
    const result = await conclude(led, steered, told)
    if (result instanceof Response) letGo(result.body)
  } finally {
    if (!led.isKeeping) landLed(led, 'unkept')
  }
}

/** From here on the client has its answer. */
function toBackground(led: Lead): void {
  // Of a stream the client reads the only copy: then the whole is fetched, and not only asked about.
  if (led.known?.body instanceof ReadableStream) led.known = undefined
  led.isBackground = true
}

/**
 * Sends a request on although nobody may serve, behind the stale answer that its client has: it may well be that somebody
 * does again.
 */
function tryAnyway(led: Lead, steered: Steered): void {
  const { passage } = led.visit
  // Whoever waits goes on with what is stale as well.
  landLed(led, 'unkept')
  toBackground(led)
  const tried = proceed(led, steered)
  passage.ctx.waitUntil(tried.then((result) => result instanceof Response && letGo(result.body)))
}

/** What is not kept anyway the origin is asked for without a detour. */
function askShield(
  { visit, known, forwarded, isBackground }: Lead,
  passage: Passage,
): Promise<Shielded | undefined> | undefined {
  if (visit.cached.settings.tiers.shield === false) return undefined
  if (forwarded.detail === 'hit-for-miss') return undefined
  return askShieldFor({ ...visit, passage, isRenewal: isBackground }, known?.head)
}

/** No answer at all is as good as nobody there (RFC 9111 §4.2.4: disconnected). */
function failureOf({ outcome }: Reached): 'out' | 'failed' | undefined {
  if (outcome.type === 'failed') return 'out'
  return isFailure(outcome.status) ? 'failed' : undefined
}

/** What is kept, where it may be used in this situation. Whoever has given out a stale one already wants none. */
function giveKnown(
  { visit, known, isBackground, forwarded }: Lead,
  situation: 'out' | 'failed',
  reached?: Reached,
): Response | Promise<Response> | undefined {
  if (known === undefined || isBackground) return undefined
  const verdict = judge(visit, known.head, { situation, purge: known.purge })
  // Fresh, where a client had asked for it to be validated.
  if (verdict.type !== 'stale' && verdict.type !== 'fresh') return undefined
  visit.counts.stale += 1
  const detail = verdict.type === 'stale' ? verdict.by : undefined
  if (reached === undefined) return visit.giver.stored(visit, known, { stale: detail })
  const { outcome } = reached
  const status = outcome.type === 'answer' ? outcome.status : undefined
  return visit.giver.stored(visit, known, { forwarded: { ...forwarded, status, detail } })
}

function countFailed(led: Lead): void {
  countMiss(led)
  if (led.known) letGo(led.known.body)
}
