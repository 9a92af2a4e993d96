import type { DnsChange, RecordSet, WantedRecord } from '../../schema/dns-record-set.ts'
import { answersText, isSameSet, variantOf } from './record-set.ts'

/** What stands in the way of one record. */
export interface Standing {
  /** All sets of its name and type. */
  readonly sets: readonly RecordSet[]
  readonly owner: string
}

/**
 * The changes that make of what stands what is wanted, in the order in which they are to be made: what is new
 * comes first and what goes, last, so that no answer is missing in between; only where one plain set gives way to
 * several, or they to it, do the old ones go first, since no provider has both.
 */
export function differenceOf(wanted: WantedRecord, { sets, owner }: Standing): DnsChange[] {
  const { record, reason } = wanted
  const standing = new Map(sets.map((set) => [variantOf(set), set]))
  const made: DnsChange[] = []
  const changed: DnsChange[] = []
  for (const set of wanted.sets) {
    const after = withMark(set, owner, record)
    const before = standing.get(variantOf(set))
    standing.delete(variantOf(set))
    if (before === undefined) made.push({ record, after, reason })
    else if (!isSameSet(before, after)) changed.push({ record, before, after, reason })
  }
  const removed = [...standing.values()].map((before) => ({ record, before, reason }))
  const isOtherKind = hasPlain(wanted.sets) !== hasPlain(sets)
  return isOtherKind ? [...removed, ...made, ...changed] : [...made, ...changed, ...removed]
}

/** Whether clients see anything of a change but another TTL. */
export function isOfAnswers({ before, after }: DnsChange): boolean {
  if (before === undefined || after === undefined) return true
  return answersText(before) !== answersText(after)
}

/** Whether a change is of the TTL, be it of answers, too. */
export function isOfTtl({ before, after }: DnsChange): boolean {
  return before !== undefined && after !== undefined && before.ttl !== after.ttl
}

function withMark(set: RecordSet, owner: string, record: string): RecordSet {
  return { ...set, mark: { owner, record } }
}

function hasPlain(sets: readonly RecordSet[]): boolean {
  return sets.some(({ variant }) => variant === undefined)
}
