import type { Flight } from '../../cache/flight.ts'
import type { StaleBy } from '../../cache/policy/reuse.ts'
import type { Found } from './giver.ts'
import { judge } from './standing.ts'
import type { Visit } from './visit.ts'

/**
 * How long a reader waits for an origin that says nothing, where there is a copy that may be used while nobody may
 * serve. One that says nothing for longer is as good as away (RFC 9111 §4.2.4: disconnected).
 */
export const PATIENCE_MS = 5000

/** How much of that is left to those who find another request under way. */
export function patienceWith({ startedAtMs }: Flight): number {
  return Math.max(0, PATIENCE_MS - (Date.now() - startedAtMs))
}

/** By which right what is kept may be given out in place of an origin that says nothing. */
export function spareIn(visit: Visit, known: Found | undefined): StaleBy | undefined {
  if (known === undefined) return undefined
  const verdict = judge(visit, known.head, { situation: 'out', purge: known.purge })
  return verdict.type === 'stale' ? verdict.by : undefined
}

/** Gives that out, if there is anything. */
export function giveSpare(
  visit: Visit,
  known: Found | undefined,
): Response | Promise<Response> | undefined {
  const stale = spareIn(visit, known)
  if (known === undefined || stale === undefined) return undefined
  visit.counts.stale += 1
  return visit.giver.stored(visit, known, { stale })
}

/** Whether something is still under way when patience is over. The timer is of the request that waits. */
export async function isLate(underWay: Promise<unknown>): Promise<boolean> {
  const over = underWay.then(
    () => false,
    () => false,
  )
  const patience = new AbortController()
  const late = scheduler.wait(PATIENCE_MS, { signal: patience.signal }).then(
    () => true,
    () => false,
  )
  const isOver = await Promise.race([over, late])
  patience.abort()
  return isOver
}
