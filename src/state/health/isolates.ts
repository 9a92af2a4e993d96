import type { PassiveReport } from '../../schema/report.ts'

/** What the object knows of one isolate. It is lost when the object ends, and the isolate reports again. */
export interface IsolateCount {
  readonly sequence: number
  readonly seenAtMs: number
  readonly inFlight: number
  readonly isEjecting: boolean
  /** Half windows: the number of the present one, and the counts of it and of the one before. */
  readonly half: number
  readonly requests: readonly [now: number, before: number]
  readonly failing: readonly [now: number, before: number]
}

/** By name. */
export type Isolates = Readonly<Record<string, IsolateCount>>

/** So many isolates at the longest pace make a hundred calls a second, which one object takes. */
const MOST_ISOLATES = 3000
const ISOLATES_PER_PACE = 200
const PACE_MS = 2000
const LONGEST_PACE_MS = 30_000

/** An isolate of which nothing was heard for so long has nothing in flight any more: three reports missed. */
const LEASE_MS = 3 * LONGEST_PACE_MS

/** How long an isolate should wait before its next report, so that all of them together are not too many. */
export function reportAfterMs(isolates: Isolates): number {
  const paces = Math.max(1, Math.ceil(Object.keys(isolates).length / ISOLATES_PER_PACE))
  return Math.min(PACE_MS * paces, LONGEST_PACE_MS)
}

/** Whether the object has this report, or a later one of the same isolate, already. */
export function isKnownReport(isolates: Isolates, report: PassiveReport): boolean {
  const known = isolates[report.isolate]
  return known !== undefined && report.sequence <= known.sequence
}

/**
 * Takes note of what one isolate saw. Of more isolates than an object can keep apart only the traffic counts:
 * they do not judge, and their connections are not known.
 */
export function noteIsolate(
  isolates: Isolates,
  report: PassiveReport,
  { windowMs, nowMs }: { readonly windowMs: number; readonly nowMs: number },
): Isolates {
  const known = isolates[report.isolate]
  if (known === undefined && Object.keys(isolates).length >= MOST_ISOLATES) return isolates
  const half = halfAt(nowMs, windowMs)
  const { requests, failing } = shift(known, half)
  const count: IsolateCount = {
    sequence: report.sequence,
    seenAtMs: nowMs,
    inFlight: report.inFlight,
    isEjecting: report.ejectedFor !== '',
    half,
    requests: [requests[0] + report.requests, requests[1]],
    failing: [failing[0] + report.failures + report.errors, failing[1]],
  }
  return { ...isolates, [report.isolate]: count }
}

/** Forgets isolates that have neither a lease nor counts of this window. The same value when there are none. */
export function pruneIsolates(isolates: Isolates, windowMs: number, nowMs: number): Isolates {
  const all = Object.entries(isolates)
  const longestMs = Math.max(LEASE_MS, windowMs)
  // Negative after a clock has jumped back: then none of it means anything.
  const kept = all.filter(([, { seenAtMs }]) => isWithin(nowMs - seenAtMs, longestMs))
  return kept.length === all.length ? isolates : Object.fromEntries(kept)
}

/** Requests in flight, over all isolates whose lease has not ended. */
export function connectionsOf(isolates: Isolates, nowMs: number): number {
  let connections = 0
  for (const { seenAtMs, inFlight } of Object.values(isolates)) {
    if (isWithin(nowMs - seenAtMs, LEASE_MS)) connections += inFlight
  }
  return connections
}

/** How many of those that have seen enough see the origin fail. */
export interface Jury {
  readonly jurors: number
  readonly failing: number
}

/** What the jurors go by. */
export interface JuryContext {
  readonly failureRate: number
  readonly windowMs: number
  readonly nowMs: number
}

/**
 * Lets the isolates judge, each once however much it sees: one that is broken itself must not outvote the
 * others. Those that have seen too little to judge alone do so together, several to a juror.
 */
export function askJury(isolates: Isolates, context: JuryContext): Jury {
  const { failureRate, windowMs, nowMs } = context
  const enough = Math.max(5, Math.ceil(2 / failureRate))
  const half = halfAt(nowMs, windowMs)
  let jurors = 0
  let failing = 0
  let pending = { requests: 0, failing: 0 }
  const judge = (seen: typeof pending) => {
    jurors += 1
    if (seen.failing >= seen.requests * failureRate) failing += 1
  }
  for (const isolate of Object.values(isolates)) {
    const shifted = shift(isolate, half)
    const seen = { requests: total(shifted.requests), failing: total(shifted.failing) }
    if (seen.requests >= enough) {
      judge(seen)
      continue
    }
    pending = {
      requests: pending.requests + seen.requests,
      failing: pending.failing + seen.failing,
    }
    if (pending.requests < enough) continue
    judge(pending)
    pending = { requests: 0, failing: 0 }
  }
  if (jurors === 0 && pending.requests > 0) judge(pending)
  return { jurors, failing }
}

function halfAt(nowMs: number, windowMs: number): number {
  return Math.floor((nowMs * 2) / windowMs)
}

type Halves = Pick<IsolateCount, 'requests' | 'failing'>

/** The counts as they stand in a later half window. */
function shift(count: IsolateCount | undefined, half: number): Halves {
  const passed = count === undefined ? 2 : half - count.half
  if (count === undefined || passed < 0 || passed > 1) return { requests: [0, 0], failing: [0, 0] }
  if (passed === 0) return count
  return { requests: [0, count.requests[0]], failing: [0, count.failing[0]] }
}

function total([now, before]: readonly [number, number]): number {
  return now + before
}

function isWithin(ageMs: number, longestMs: number): boolean {
  return ageMs >= 0 && ageMs <= longestMs
}
