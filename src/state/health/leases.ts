import type { PassiveReport } from '../../schema/report.ts'
import {
  everyIsolate,
  findIsolate,
  type IsolateCount,
  type Isolates,
  isWithin,
} from './isolates.ts'
import { reportAfterMs } from './pace.ts'

/** The shortest lease: one report missed of those that come slowest by themselves, with time to spare. */
const LEAST_LEASE_MS = 30_000

/** So many reports in a row may be lost before what the last one said no longer counts. */
const REPORTS_IN_LEASE = 3

/** What an isolate is told of the connections of all. */
export interface Lease {
  /** Under way in all isolates that were heard of late, this one included. */
  readonly connections: number
  /** How long this counts, and what the isolate said, unless it is heard again. */
  readonly leaseMs: number
  /** How many the isolate may have until it is told anew; absent while there is plenty of room. */
  readonly granted?: number
}

/** How long the count of an isolate holds of which nothing is heard. */
export function leaseMs(isolates: Pick<Isolates, 'size'>): number {
  return Math.max(LEAST_LEASE_MS, REPORTS_IN_LEASE * reportAfterMs(isolates))
}

/** What the isolate of a report is told after it. */
export function leaseOf(isolates: Isolates, report: PassiveReport, nowMs: number): Lease {
  const granted = findIsolate(isolates, report.isolate)?.granted
  return {
    connections: connectionsOf(isolates, nowMs),
    leaseMs: leaseMs(isolates),
    ...(granted !== undefined && { granted }),
  }
}

/** Under way, over all isolates whose lease has not ended. */
export function connectionsOf(isolates: Isolates, nowMs: number): number {
  let connections = 0
  for (const { inFlight } of everyLease(isolates, nowMs)) connections += inFlight
  return connections
}

/** How many isolates whose lease has not ended have put the origin aside: there its circuit is open. */
export function ejectingOf(isolates: Isolates, nowMs: number): number {
  let ejecting = 0
  for (const { isEjecting } of everyLease(isolates, nowMs)) if (isEjecting) ejecting += 1
  return ejecting
}

/**
 * How many connections an isolate may have until its next report, so that what all of them may have together is
 * never more than the cap. As long as half of the cap is free everyone may start as many as come. After that each
 * gets a part of what nobody has and nobody may still take: half of it shared evenly and half by what they have,
 * no more than it is likely to need, and one at least while there is one.
 */
export function grantTo(
  isolates: Isolates,
  report: PassiveReport,
  nowMs: number,
): number | undefined {
  const { maxConnections, inFlight, requests } = report
  if (maxConnections === undefined) return undefined
  let [leases, connections, committed] = [0, 0, 0]
  for (const lease of everyLease(isolates, nowMs)) {
    leases += 1
    connections += lease.inFlight
    committed += committedTo(lease)
  }
  if (connections * 2 < maxConnections) return undefined
  const own = findIsolate(isolates, report.isolate)
  const others = committed - (own === undefined ? 0 : committedTo(own))
  const free = maxConnections - others - inFlight
  if (free < 1) return inFlight
  const share = (1 / leases + (inFlight + 1) / (connections + leases)) / 2
  return inFlight + Math.max(1, Math.min(Math.floor(free * share), 2 * requests))
}

function committedTo({ inFlight, granted = 0 }: IsolateCount): number {
  return Math.max(inFlight, granted)
}

function* everyLease(isolates: Isolates, nowMs: number): Generator<IsolateCount> {
  const longestMs = leaseMs(isolates)
  for (const isolate of everyIsolate(isolates)) {
    if (isWithin(nowMs - isolate.seenAtMs, longestMs)) yield isolate
  }
}
