import { flightOf, takeOff } from '../../cache/flight.ts'
import { isRevalidationDue, situationOf } from '../../core/cache-situation.ts'
import { letGo } from './body.ts'
import type { Found } from './giver.ts'
import { lead } from './lead.ts'
import { judge, sightOf } from './standing.ts'
import type { Visit } from './visit.ts'

/**
 * Gives out what is not fresh any more, where it may be used meanwhile, and sees to it that it is fetched anew;
 * `undefined` where it may not.
 */
export function useStale(visit: Visit, known: Found): Response | Promise<Response> | undefined {
  const { head, purge } = known
  const situation = situationOf(visit.found.route, sightOf(visit))
  const sinceMs = situation.state === 'recovering' ? situation.sinceMs : undefined
  const seen = { situation: situation.state, recoveringSinceMs: sinceMs, purge }
  const verdict = judge(visit, head, seen)
  if (verdict.type !== 'stale') return undefined
  visit.counts.stale += 1
  if (sinceMs === undefined || isDue(visit, known, sinceMs)) revalidate(visit, known)
  return visit.giver.stored(visit, known, { stale: verdict.by })
}

/** While somebody comes back, what ran out together is not fetched together. */
function isDue(visit: Visit, { head }: Found, sinceMs: number): boolean {
  const staleSinceMs = head.receivedAtMs + head.freshMs - head.initialAgeMs
  const windowMs = head.staleWhileRecoveringMs
  const nowMs = visit.passage.arrivedAtMs
  return isRevalidationDue(head.key, { nowMs, staleSinceMs, sinceMs, windowMs })
}

/** Fetches it anew after the answer, unless another request of this isolate is at it. */
function revalidate(visit: Visit, { head, body, from, resident, purge }: Found): void {
  const { passage, engine } = visit
  const { key } = head
  if (flightOf(engine.flights, key, passage.arrivedAtMs)) return
  const flight = takeOff(engine.flights, key, passage.arrivedAtMs)
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
