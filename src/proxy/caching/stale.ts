import { flightOf, takeOff } from '../../cache/flight.ts'
import type { StaleBy } from '../../cache/policy/reuse.ts'
import { recoveringWindowMs } from '../../cache/policy/windows.ts'
import { isRevalidationDue, situationOf } from '../../core/cache-situation.ts'
import { letGo } from './body.ts'
import type { Found } from './giver.ts'
import { lead } from './lead.ts'
import { judge, sightOf } from './standing.ts'
import type { Visit } from './visit.ts'

/** The right to use an answer that is not fresh any more. */
export interface StaleRight {
  readonly by: StaleBy
  /** Since when somebody comes back, where that is so. */
  readonly recoveringSinceMs: number | undefined
}

/** By which right what is not fresh may be given out while it is fetched anew; `undefined` where there is none. */
export function staleRightOf(visit: Visit, { head, purge }: Found): StaleRight | undefined {
  if (visit.isRenewal === true) return undefined
  const situation = situationOf(visit.found.route, sightOf(visit))
  const recoveringSinceMs = situation.state === 'recovering' ? situation.sinceMs : undefined
  const seen = { situation: situation.state, recoveringSinceMs, purge }
  const verdict = judge(visit, head, seen)
  return verdict.type === 'stale' ? { by: verdict.by, recoveringSinceMs } : undefined
}

/** Gives it out, and sees to it that it is fetched anew. */
export function giveStale(
  visit: Visit,
  known: Found,
  { by, recoveringSinceMs }: StaleRight,
): Response | Promise<Response> {
  visit.counts.stale += 1
  // What an operator has purged is not spread.
  const isSpread = recoveringSinceMs !== undefined && known.purge === 'none'
  if (!isSpread || isDue(visit, known, recoveringSinceMs)) revalidate(visit, known)
  return visit.giver.stored(visit, known, { stale: by })
}

/** While somebody comes back, what ran out together is not fetched together. */
function isDue(visit: Visit, { head }: Found, sinceMs: number): boolean {
  const staleSinceMs = head.receivedAtMs + head.freshMs - head.initialAgeMs
  const windowMs = recoveringWindowMs(head, { staleSinceMs, sinceMs })
  const nowMs = visit.passage.arrivedAtMs
  return isRevalidationDue(head.key, { nowMs, staleSinceMs, sinceMs, windowMs })
}

/** Fetches it anew after the answer, unless another request of this isolate is at it. */
function revalidate(visit: Visit, { head, body, from, resident, purge }: Found): void {
  const { passage, engine } = visit
  const { key } = head
  const nowMs = Date.now()
  if (flightOf(engine.flights, key, nowMs)) return
  const flight = takeOff(engine.flights, key, nowMs)
  // Of a stream the client reads the only copy: then the whole is fetched, and not only asked about.
  const isAtHand = !(body instanceof ReadableStream)
  const known = isAtHand ? { head, body, from, resident, purge } : undefined
  const led = lead({
    visit,
    known,
    flight,
    isBackground: true,
    forwarded: { fwd: 'stale' },
  })
  passage.ctx.waitUntil(led.then((result) => result instanceof Response && letGo(result.body)))
}
