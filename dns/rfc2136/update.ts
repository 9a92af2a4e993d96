import { companionName, toMarkText } from '../../src/schema/dns-mark.ts'
import type { DnsChange, DnsMark, RecordKey, RecordSet } from '../../src/schema/dns-record-set.ts'
import { quoteBytes, toBytes } from '../../src/schema/dns-text.ts'
import type { DnsRecord } from '../message/message.ts'
import type { DnsRequest } from '../message/question.ts'

/** Seconds: nobody asks for a mark but this router, at the primary itself. */
const MARK_TTL = 300

/** The value of the TXT that marks a record set. */
export function toMarkValue(mark: DnsMark): string {
  return quoteBytes(toBytes(toMarkText(mark)) ?? [])
}

/**
 * The UPDATE that makes a change (RFC 2136), all of it or nothing: the record set and its mark must stand as `before`
 * says, or must not stand; both go, and both come. `promised`: this mark of `after` stands there without a record set.
 */
export function toUpdate(
  zone: string,
  { before, after }: DnsChange,
  promised?: DnsMark,
): DnsRequest {
  const none = after ? expectNothing(after, promised) : []
  const removed = before ? removeSet(before, after) : []
  const added = after ? addSet(after, before?.mark ?? promised) : []
  return toRequest(zone, before ? expectSet(before) : none, [...removed, ...added])
}

/** An UPDATE that changes nothing, and asks whether a record set stands in the zone itself, not by a wildcard. */
export function toExistence(zone: string, { name, type }: RecordKey): DnsRequest {
  return toRequest(zone, [{ name, type, class: 'ANY', ttl: 0, value: '' }], [])
}

function toRequest(
  zone: string,
  answers: readonly DnsRecord[],
  authorities: readonly DnsRecord[],
): DnsRequest {
  return {
    opcode: 'UPDATE',
    rcode: 'NOERROR',
    flags: [],
    questions: [{ name: zone, type: 'SOA', class: 'IN' }],
    answers,
    authorities,
    additionals: [],
  }
}

/** RFC 2136 §2.4.2: the set stands with these very values, whatever their TTL. */
function expectSet(set: RecordSet): readonly DnsRecord[] {
  const { name, type, values, mark } = set
  return [
    ...values.map((value) => ({ name, type, class: 'IN', ttl: 0, value })),
    ...(mark ? [{ ...markRecord(set, mark), ttl: 0 }] : []),
  ]
}

/**
 * RFC 2136 §2.4.3: no such set stands, and nothing that an added one would be dropped for without a word (§3.4.2.2):
 * no CNAME beside others, no others beside a CNAME.
 */
function expectNothing(after: RecordSet, promised: DnsMark | undefined): readonly DnsRecord[] {
  const { name, type } = after
  const none = { class: 'NONE', ttl: 0, value: '' }
  const beside =
    type === 'CNAME'
      ? [{ name, type: 'ANY', ...none }]
      : [
          { name, type, ...none },
          { name, type: 'CNAME', ...none },
        ]
  const companion = promised
    ? { ...markRecord(after, promised), ttl: 0 }
    : { name: companionName(after), type: 'TXT', ...none }
  return [...beside, companion]
}

/** RFC 2136 §2.5.2: the whole set goes. A mark that stays the same is left alone. */
function removeSet(before: RecordSet, after: RecordSet | undefined): readonly DnsRecord[] {
  const { name, type, mark } = before
  const gone = { class: 'ANY', ttl: 0, value: '' }
  const isKept = mark && after?.mark && toMarkValue(mark) === toMarkValue(after.mark)
  return [
    { name, type, ...gone },
    ...(isKept ? [] : [{ name: companionName(before), type: 'TXT', ...gone }]),
  ]
}

function addSet(after: RecordSet, standing: DnsMark | undefined): readonly DnsRecord[] {
  const { name, type, ttl, values, mark } = after
  const isMarked = mark && standing && toMarkValue(mark) === toMarkValue(standing)
  return [
    ...(mark && !isMarked ? [markRecord(after, mark)] : []),
    ...values.map((value) => ({ name, type, class: 'IN', ttl, value })),
  ]
}

function markRecord(key: RecordKey, mark: DnsMark): DnsRecord {
  const name = companionName(key)
  return { name, type: 'TXT', class: 'IN', ttl: MARK_TTL, value: toMarkValue(mark) }
}
