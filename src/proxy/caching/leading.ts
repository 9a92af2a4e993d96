import { type Flight, land, type Landing } from '../../cache/flight.ts'
import type { Forwarded } from '../../cache/policy/cache-status.ts'
import type { Found } from './giver.ts'
import type { Visit } from './visit.ts'

/** A request that fetches what its key stands for. */
export interface Lead {
  readonly visit: Visit
  /** What is kept already and not good enough. */
  known: Found | undefined
  /** Absent where nobody waits for it. */
  readonly flight: Flight | undefined
  /** Whether a client has a stale answer already, and nobody waits for this one. */
  isBackground: boolean
  /** Whether the origin is asked by the method, the conditions and the range of the client: nothing of it will be kept. */
  isAsAsked: boolean
  /** Why it was sent on, and what became of it. */
  forwarded: Forwarded
  /** Whether a body is still being kept: whoever does that lands the flight. */
  isKeeping: boolean
}

/** Lets those go on who wait for it. */
export function landLed({ visit, flight }: Lead, landing: Landing): void {
  if (flight) land(visit.engine.flights, flight, landing)
}

/** Counts a request for which nothing that was kept could be used. */
export function countMiss({ visit, isBackground }: Lead): void {
  visit.counts[isBackground ? 'refreshed' : 'misses'] += 1
}
