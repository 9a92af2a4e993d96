import type { PassiveReport } from '../../schema/report.ts'
import { LONGEST_PACE_MS } from './pace.ts'

/** What the object knows of one isolate. It is lost when the object ends, and the isolate reports again. */
export interface IsolateCount {
  readonly sequence: number
  readonly seenAtMs: number
  readonly inFlight: number
  /** How many it may have until it reports again, where the origin has a cap and little room. */
  readonly granted: number | undefined
  readonly isEjecting: boolean
  /** Half windows: the number of the present one, and the counts of it and of the one before. */
  readonly half: number
  readonly requests: readonly [now: number, before: number]
  readonly failing: readonly [now: number, before: number]
}

type Group = Readonly<Record<string, IsolateCount>>

/** By name, in groups, so that a report copies one group and not thousands of entries. */
export interface Isolates {
  readonly size: number
  readonly groups: readonly Group[]
}

const GROUPS = 64

/** No isolate has reported. */
export const initialIsolates: Isolates = {
  size: 0,
  groups: Array.from({ length: GROUPS }, () => ({})),
}

/** So many isolates at the longest pace make a hundred calls a second, which one object takes. */
const MOST_ISOLATES = 3000

/** No lease is longer. */
const LONGEST_LEASE_MS = 3 * LONGEST_PACE_MS

/** Whether the object has this report, or a later one of the same isolate, already. */
export function isKnownReport(isolates: Isolates, report: PassiveReport): boolean {
  const known = findIsolate(isolates, report.isolate)
  return known !== undefined && report.sequence <= known.sequence
}

/** What is known of one isolate. */
export function findIsolate({ groups }: Isolates, name: string): IsolateCount | undefined {
  const group = groups[groupOf(name)]
  return group && Object.hasOwn(group, name) ? group[name] : undefined
}

/** All of them. */
export function everyIsolate({ size, groups }: Isolates): readonly IsolateCount[] {
  const all: IsolateCount[] = []
  if (size === 0) return all
  // Asked with every report, while most groups are empty.
  for (const group of groups) for (const name in group) all.push(group[name] as IsolateCount)
  return all
}

/** Names are random already: adding up their letters spreads them well enough. */
function groupOf(name: string): number {
  let sum = 0
  for (let at = 0; at < name.length; at += 1) sum = (sum * 31 + name.charCodeAt(at)) % 65_521
  return sum % GROUPS
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
  const known = findIsolate(isolates, report.isolate)
  if (known === undefined && isolates.size >= MOST_ISOLATES) return isolates
  const half = halfAt(nowMs, windowMs)
  const { requests, failing } = shift(known, half)
  const count: IsolateCount = {
    sequence: report.sequence,
    seenAtMs: nowMs,
    inFlight: report.inFlight,
    granted: known?.granted,
    isEjecting: report.ejectedFor !== '',
    half,
    requests: [requests[0] + report.requests, requests[1]],
    failing: [failing[0] + report.failures + report.errors, failing[1]],
  }
  return withIsolate(isolates, report.isolate, count)
}

/** Notes how many connections an isolate may have from now on. */
export function grantIsolate(
  isolates: Isolates,
  name: string,
  granted: number | undefined,
): Isolates {
  const known = findIsolate(isolates, name)
  if (known === undefined || known.granted === granted) return isolates
  return withIsolate(isolates, name, { ...known, granted })
}

function withIsolate({ size, groups }: Isolates, name: string, count: IsolateCount): Isolates {
  const at = groupOf(name)
  const group = groups[at] ?? {}
  const isNew = !Object.hasOwn(group, name)
  return { size: size + (isNew ? 1 : 0), groups: groups.with(at, { ...group, [name]: count }) }
}

/** Forgets isolates that have neither a lease nor counts of this window. The same value when there are none. */
export function pruneIsolates(isolates: Isolates, windowMs: number, nowMs: number): Isolates {
  if (isolates.size === 0) return isolates
  const longestMs = Math.max(LONGEST_LEASE_MS, windowMs)
  // Negative after a clock has jumped back: then none of it means anything.
  const isKept = ({ seenAtMs }: IsolateCount) => isWithin(nowMs - seenAtMs, longestMs)
  let size = 0
  const groups = isolates.groups.map((group) => {
    const all = Object.entries(group)
    const kept = all.filter(([, isolate]) => isKept(isolate))
    size += kept.length
    return kept.length === all.length ? group : Object.fromEntries(kept)
  })
  return size === isolates.size ? isolates : { size, groups }
}

/** The number of the half window that a moment lies in. */
export function halfAt(nowMs: number, windowMs: number): number {
  return Math.floor((nowMs * 2) / windowMs)
}

/** Counts of the present half window and of the one before. */
export type Halves = Pick<IsolateCount, 'requests' | 'failing'>

/** The counts as they stand in a later half window. */
export function shift(count: IsolateCount | undefined, half: number): Halves {
  const passed = count === undefined ? 2 : half - count.half
  if (count === undefined || passed < 0 || passed > 1) return { requests: [0, 0], failing: [0, 0] }
  if (passed === 0) return count
  return { requests: [0, count.requests[0]], failing: [0, count.failing[0]] }
}

/** Whether something is so old at most; what lies in the future is of a clock that has jumped back. */
export function isWithin(ageMs: number, longestMs: number): boolean {
  return ageMs >= 0 && ageMs <= longestMs
}
