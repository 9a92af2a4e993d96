/**
 * How long a flight may be believed in: longer than the runtime lets a request go on after its client has left
 * (30 s). Whoever led it was stopped then, and nobody lands it any more.
 */
const LOST_MS = 35_000

/** Beyond so many the lost ones are looked for. */
const MANY = 1000

/**
 * How a flight ended for those who waited for it: something is there to look up, or each goes on alone. One that moved
 * has another key, which need not be theirs: they look for it again.
 */
export type Landing = 'kept' | 'unkept' | 'late' | 'moved'

/** One request that fetches what others of its isolate wait for. */
export interface Flight {
  key: string
  readonly startedAtMs: number
  readonly waiting: Set<(landing: Landing) => void>
}

/** The flights of an isolate, by key. */
export type Flights = Map<string, Flight>

/** No flight at all. */
export function createFlights(): Flights {
  return new Map()
}

/** The flight of a key, if there is one that may still land. */
export function flightOf(flights: Flights, key: string, nowMs: number): Flight | undefined {
  const flight = flights.get(key)
  return flight && !isLost(flight, nowMs) ? flight : undefined
}

/** Begins one. Whoever does must land it, whatever comes. */
export function takeOff(flights: Flights, key: string, nowMs: number): Flight {
  if (flights.size >= MANY) {
    for (const [other, flight] of flights) if (isLost(flight, nowMs)) flights.delete(other)
  }
  const flight: Flight = { key, startedAtMs: nowMs, waiting: new Set() }
  flights.set(key, flight)
  return flight
}

/** Ends one, once: those who wait go on. */
export function land(flights: Flights, flight: Flight, landing: Landing): void {
  // After one that was lost another may have begun.
  leave(flights, flight)
  tellAll(flight, landing)
}

/**
 * Gives a flight another key, if it is one: what its answer varies by is known only now. Another flight may have that
 * key; then nobody comes to this one any more.
 */
export function move(flights: Flights, flight: Flight, key: string): void {
  if (flight.key === key) return
  leave(flights, flight)
  flight.key = key
  if (flightOf(flights, key, flight.startedAtMs) === undefined) flights.set(key, flight)
  tellAll(flight, 'moved')
}

function leave(flights: Flights, flight: Flight): void {
  if (flights.get(flight.key) === flight) flights.delete(flight.key)
}

function tellAll({ waiting }: Flight, landing: Landing): void {
  for (const tell of waiting) tell(landing)
  waiting.clear()
}

/**
 * Waits for a flight of another request, so long at most. The promise is this request's own, and its timer with it: a
 * leader that is stopped resolves nothing, and the runtime would take the silence for a hang. What the other request
 * resolves goes on in this one; to clear its timer from there would clear nothing (workerd 1.20261023.1).
 */
export async function follow(flight: Flight, waitMs: number): Promise<Landing> {
  const waited = await new Promise<Waited>((resolve) => {
    const tell = (landing: Landing): void => resolve({ landing, stop })
    const stop = (): void => {
      clearTimeout(timer)
      flight.waiting.delete(tell)
    }
    const timer = setTimeout(() => tell('late'), waitMs)
    flight.waiting.add(tell)
  })
  waited.stop()
  return waited.landing
}

interface Waited {
  readonly landing: Landing
  readonly stop: () => void
}

function isLost({ startedAtMs }: Flight, nowMs: number): boolean {
  // Distance, not order: the clock may jump back.
  return Math.abs(nowMs - startedAtMs) >= LOST_MS
}
