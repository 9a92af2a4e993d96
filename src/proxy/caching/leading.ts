import { type Flight, land, type Landing, move } from '../../cache/flight.ts'
import type { Forwarded } from '../../cache/policy/cache-status.ts'
import { placeIn } from '../../cache/residence.ts'
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

/**
 * Lets a flight go on under the key by which those who come look for it, as soon as it is known by what the answers vary.
 * That is the old one where memory has no room to know it.
 */
export function moveToPlace({ engine, asked, arrived }: Visit, flight: Flight): void {
  move(engine.flights, flight, placeIn(engine.memory, asked.key, arrived).key)
}

/** Counts a request for which nothing that was kept could be used. */
export function countMiss({ visit, isBackground }: Lead): void {
  visit.counts[isBackground ? 'refreshed' : 'misses'] += 1
}
