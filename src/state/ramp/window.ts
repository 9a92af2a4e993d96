import type { LatencyCounts, Measure } from '../../schema/report.ts'
import type { Measured, RampState } from './state.ts'

/** The latest part of what was measured at a step, and where the next part begins. */
export interface LatestPart {
  /** What came since the anchor; absent when nothing can be said of it. */
  readonly latest?: Measured
  readonly anchor: Measured
}

/**
 * Cuts what was counted since a step began into windows of at least `minSamples` requests, so that an hour
 * without a failure does not hide that everything fails now. Counts that fall were begun anew by their object:
 * the window begins anew with them.
 */
export function latestPart({ anchor, settings }: RampState, measured: Measured): LatestPart {
  if (anchor === undefined) return { anchor: measured }
  const subject = subtract(measured.subject, anchor.subject)
  if (subject === undefined) return { anchor: measured }
  const peers = measured.peers && anchor.peers ? subtract(measured.peers, anchor.peers) : undefined
  const latest = peers === undefined ? { subject } : { subject, peers }
  const isFull = subject.requests >= Math.max(1, settings.ramp.gate.minSamples)
  return { latest, anchor: isFull ? measured : anchor }
}

function subtract(now: Measure, then: Measure): Measure | undefined {
  const requests = now.requests - then.requests
  const failures = now.failures - then.failures
  const errors = now.errors - then.errors
  if (requests < 0 || failures < 0 || errors < 0) return undefined
  const latencies: LatencyCounts = {}
  for (const [bucket, count] of Object.entries(now.latencies)) {
    latencies[bucket] = Math.max(0, count - (then.latencies[bucket] ?? 0))
  }
  return { requests, failures, errors, latencies }
}
