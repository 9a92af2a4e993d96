/**
 * Counts what has been started and not finished. The runtime drops a request whose client went away without
 * running another line of its code, so some finishes never come: a start is forgotten once it is older than
 * any attempt may last, unless it is renewed. Two spans hold the counts, so that forgetting costs nothing per
 * request.
 */
export interface InFlight {
  /** The number of the current span; the one before it is still counted. */
  span: number
  young: number
  old: number
}

/** A start, to be handed back when it finishes: the span that it was counted in. */
export type Started = number

/** Nothing started. */
export function createInFlight(): InFlight {
  return { span: 0, young: 0, old: 0 }
}

/** How many are under way. */
export function underWay({ young, old }: InFlight): number {
  return young + old
}

/** Counts a start. */
export function start(count: InFlight): Started {
  count.young += 1
  return count.span
}

/** Takes a start back; one that has been forgotten is not taken back twice. */
export function finish(count: InFlight, started: Started): void {
  if (started === count.span) count.young = Math.max(0, count.young - 1)
  else if (started === count.span - 1) count.old = Math.max(0, count.old - 1)
}

/** Says that a start still goes on: it counts from now, also if it had been forgotten. */
export function renew(count: InFlight, started: Started): Started {
  finish(count, started)
  return start(count)
}

/** Moves to the next span: what was started before the last one, and did not finish, is forgotten. */
export function turn(count: InFlight): void {
  count.span += 1
  count.old = count.young
  count.young = 0
}
