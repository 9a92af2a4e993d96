import type { PassedAnswer } from '../../durable/origin-methods.ts'
import { isAhead } from '../state/ahead.ts'
import { countOpen, type OriginRecord } from './origin-record.ts'

/** Longer than any object grants. */
const LONGEST_LEASE_MS = 600_000

/** What of an answer is about connections. An object of an earlier release says nothing of them. */
type Heard = Partial<Pick<PassedAnswer, 'connections' | 'leaseMs' | 'granted'>>

/** Takes note of what all isolates have under way, of which so many were this one's own when it asked. */
export function noteLease(
  record: OriginRecord,
  { connections, leaseMs, granted }: Heard,
  said: { readonly inFlight: number; readonly nowMs: number },
): void {
  if (connections === undefined || leaseMs === undefined) return
  record.others = Math.max(0, connections - said.inFlight)
  record.granted = granted
  record.leasedUntilMs = said.nowMs + Math.min(leaseMs, LONGEST_LEASE_MS)
  countOpen(record)
}

/** Forgets what was heard too long ago: whoever had those connections may be gone. */
export function expireLease(record: OriginRecord, nowMs: number): void {
  if (record.leasedUntilMs === 0 || isAhead(record.leasedUntilMs, nowMs, LONGEST_LEASE_MS)) return
  record.leasedUntilMs = 0
  record.others = 0
  record.granted = undefined
  countOpen(record)
}
