import type { CompiledOrigin } from '../core/snapshot.ts'
import { finish, start } from './in-flight.ts'
import type { Ledger } from './ledger.ts'
import type { OriginRecord } from './origin-record.ts'
import type { Trip } from './trip.ts'

/**
 * The circuit of an origin (Nygard, Release It!, ch. 5): `closed`, all may go there; `open`, it is ejected;
 * `half-open`, the ejection is over, and a few requests at a time try it.
 */
export type Circuit = 'closed' | 'open' | 'half-open'

/** How the circuit of an origin stands in this isolate. */
export function circuitOf({ ejectedUntilMs, trials }: OriginRecord, nowMs: number): Circuit {
  if (ejectedUntilMs > nowMs) return 'open'
  return trials > 0 ? 'half-open' : 'closed'
}

/** An attempt at an origin whose circuit is half-open. */
export interface Trial {
  /** Tells which ejection it follows: what began before that one, or before another, says nothing of now. */
  readonly ejectedUntilMs: number
  /** Gives its place to the next one; once, however often it is called. */
  readonly close: () => void
}

/** Begins an attempt: a trial if the circuit of the origin is half-open, otherwise nothing. */
export function openTrial(record: OriginRecord, nowMs: number): Trial | undefined {
  if (circuitOf(record, nowMs) !== 'half-open') return undefined
  const { openTrials, outlier } = record
  const started = start(openTrials)
  record.trialsUnderWay = openTrials.young + openTrials.old
  let isOpen = true
  const close = () => {
    if (isOpen) finish(openTrials, started)
    isOpen = false
    record.trialsUnderWay = openTrials.young + openTrials.old
  }
  return { ejectedUntilMs: outlier.ejectedUntilMs, close }
}

/** Whether an attempt that ends now tried the origin after the ejection that was its last. */
export function isTrialOf(trial: Trial | undefined, { outlier }: OriginRecord): boolean {
  return trial !== undefined && trial.ejectedUntilMs === outlier.ejectedUntilMs
}

/**
 * The trip without those of the origins still to be tried that are on trial and have no place left: others may have
 * taken it since the decision. Where nobody else is left, or the decision took them as a last resort, they stay.
 */
export function passOverFull(trip: Trip, made: number): Trip {
  const { decision, passage } = trip
  const { attempts, tolerance } = decision
  const { ledger } = passage.standing
  if (tolerance !== 'none' || !attempts.some((origin) => isFull(ledger, origin))) return trip
  const left = attempts.filter((origin, at) => at < made - 1 || !isFull(ledger, origin))
  return left.length < made ? trip : { ...trip, decision: { ...decision, attempts: left } }
}

function isFull({ origins }: Ledger, { index }: CompiledOrigin): boolean {
  const record = origins[index]
  return record !== undefined && record.trials > 0 && record.trialsUnderWay >= record.trials
}
