import type { ChangeResult, DnsChange, RecordSet } from '../src/schema/dns-record-set.ts'
import { clip } from '../src/state/outbox/notice.ts'

/** Whether a change is to be written, or what it comes to without a write. */
export type Readiness = { readonly outcome: 'write' } | Settled
type Settled = Extract<ChangeResult, { outcome: 'done' | 'conflict' }>

/**
 * Holds a change against what stands now, right before it would be written: for providers that know no "only if it
 * still stands so". What stands already is done; what has no mark of ours, or is no longer as `before` says, is a
 * conflict.
 */
export function readyToWrite(
  { before, after }: DnsChange,
  standing: RecordSet | undefined,
): Readiness {
  if (toText(standing) === toText(after)) return { outcome: 'done' }
  if (before && !before.mark) return conflict(`${tell(before)} has no mark: it is somebody else's`)
  if (after && !after.mark)
    return conflict(`${tell(after)} has no mark: nothing is written unmarked`)
  const [owner, other] = [after?.mark?.owner, before?.mark?.owner]
  if (owner !== undefined && other !== undefined && owner !== other) {
    return conflict(`${before && tell(before)} is marked as that of "${other}"`)
  }
  if (toText(standing) === toText(before)) return { outcome: 'write' }
  const stands = standing ? `${tell(standing)} stands` : 'nothing stands'
  return conflict(`${before ? tell(before) : 'nothing'} was to stand there, but ${stands}`)
}

/** What of the values is told: two sets in one sentence must both find room. */
const LONGEST_VALUES = 300

/** A record set in words: `www.example.com A 60 s 192.0.2.1 (marked portolan/www)`. */
export function tell({ name, type, ttl, values, variant, mark }: RecordSet): string {
  const which = variant ? ` (${variant.by} "${variant.id}")` : ''
  const whose = mark ? `marked ${mark.owner}/${mark.record}` : 'unmarked'
  return `${name} ${type}${which} ${ttl} s ${clip(values.join(' | '), LONGEST_VALUES)} (${whose})`
}

/** Equal sets have equal texts. A set that is not proxied may say so, or not. */
function toText(set: RecordSet | undefined): string {
  if (!set) return ''
  const { name, type, ttl, values, variant, proxied = false, mark } = set
  const place =
    variant && Object.entries(variant).toSorted(([one], [other]) => (one < other ? -1 : 1))
  return JSON.stringify([name, type, ttl, values, place, proxied, mark?.owner, mark?.record])
}

function conflict(detail: string): Settled {
  return { outcome: 'conflict', detail: detail.slice(0, 1024) }
}
