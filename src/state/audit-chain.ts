import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import { AUDIT_LIMITS, type AuditMark, type AuditVerdict } from '../schema/audit.ts'
import type { Deed } from '../schema/deed.ts'

/** The place before the first entry. */
export const GENESIS: AuditMark = { sequence: 0, hash: '0'.repeat(64) }

/** An entry as it is kept: `text` is what is hashed, to the letter. */
export interface AuditRow {
  readonly sequence: number
  readonly text: string
  readonly hash: string
}

/** The next entry after a place in the chain. */
export function toAuditRow(after: AuditMark, deed: Deed, atMs: number): AuditRow {
  const sequence = after.sequence + 1
  const text = JSON.stringify({ sequence, atMs, ...shorten(deed) })
  return { sequence, text, hash: chain(after.hash, text) }
}

/** SHA-256 of the hash before, a line feed, and the text. */
function chain(before: string, text: string): string {
  return bytesToHex(sha256(utf8ToBytes(`${before}\n${text}`)))
}

/** A log is for reading: what does not fit is told by its size. */
function shorten({ before, after, ...deed }: Deed): Deed {
  return {
    ...deed,
    ...(before !== undefined && { before: fit(before) }),
    ...(after !== undefined && { after: fit(after) }),
  }
}

function fit(value: unknown): unknown {
  const { length } = JSON.stringify(value)
  return length <= AUDIT_LIMITS.detail ? value : { omitted: `${length} characters` }
}

/** What a chain is checked against. */
export interface AuditCheck {
  /** The last entry that is no longer kept. */
  readonly anchor: AuditMark
  /** The newest entry, as it was noted beside the log. */
  readonly head: AuditMark
  /** A place that the caller noted earlier. */
  readonly noted?: AuditMark | undefined
}

/**
 * Checks every entry that is kept, in order: that none is missing, that each is what was hashed, that the end
 * is the newest one, and that a place noted earlier is still what it was. Only such a note, kept elsewhere,
 * shows that somebody wrote the whole chain anew.
 */
export function verifyChain(rows: Iterable<AuditRow>, check: AuditCheck): AuditVerdict {
  const { anchor, head, noted } = check
  let mark = anchor
  let entries = 0
  let isNoted = noted === undefined || isSame(noted, anchor)
  for (const row of rows) {
    const sequence = mark.sequence + 1
    const verdict = { entries, anchor, head, brokenAt: sequence }
    if (row.sequence !== sequence)
      return { ok: false, ...verdict, detail: `entry ${sequence} is missing` }
    if (row.hash !== chain(mark.hash, row.text))
      return { ok: false, ...verdict, detail: `entry ${sequence} is not what was written` }
    mark = { sequence, hash: row.hash }
    isNoted ||= isSame(noted, mark)
    entries += 1
  }
  if (!isSame(head, mark)) {
    const brokenAt = mark.sequence + 1
    const detail = `the newest entries are missing: from ${brokenAt} to ${head.sequence}`
    return { ok: false, entries, anchor, head, brokenAt, detail }
  }
  if (!isNoted) return { ok: false, entries, anchor, head, detail: describeNote(check) }
  return { ok: true, entries, anchor, head, detail: `${entries} entries are what was written` }
}

function isSame(left: AuditMark | undefined, right: AuditMark): boolean {
  return left?.sequence === right.sequence && left.hash === right.hash
}

function describeNote({ anchor, noted }: AuditCheck): string {
  const sequence = noted?.sequence ?? 0
  return sequence < anchor.sequence
    ? `entry ${sequence} is no longer kept: note a newer one`
    : `entry ${sequence} has another hash than the one noted`
}
