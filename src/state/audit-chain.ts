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

/** How far a check has come. */
export interface AuditProgress {
  /** The last entry that was what it should be, or the anchor. */
  readonly mark: AuditMark
  readonly entries: number
  /** Whether the place that the caller noted was among them, with its hash. */
  readonly isNoted: boolean
  /** Why it ends here. */
  readonly broken?: string
}

/** The beginning of a check. */
export function beginCheck(anchor: AuditMark, noted: AuditMark | undefined): AuditProgress {
  return { mark: anchor, entries: 0, isNoted: noted === undefined || isSame(noted, anchor) }
}

/** Checks the entries that follow, in order: that none is missing, and that each is what was hashed. */
export function checkRows(
  progress: AuditProgress,
  rows: Iterable<AuditRow>,
  noted: AuditMark | undefined,
): AuditProgress {
  let { mark, entries, isNoted } = progress
  for (const row of rows) {
    const sequence = mark.sequence + 1
    const broken =
      row.sequence !== sequence
        ? `entry ${sequence} is missing`
        : row.hash !== chain(mark.hash, row.text) && `entry ${sequence} is not what was written`
    if (broken) return { mark, entries, isNoted, broken }
    mark = { sequence, hash: row.hash }
    isNoted ||= isSame(noted, mark)
    entries += 1
  }
  return { mark, entries, isNoted }
}

/** What a check is held against at its end. */
export interface AuditEnds {
  /** The last entry that is no longer kept. */
  readonly anchor: AuditMark
  /** The newest entry, as it was noted beside the log. */
  readonly head: AuditMark
  /** A place that the caller noted earlier. */
  readonly noted?: AuditMark | undefined
}

/**
 * What a check came to: whether every entry that is kept is what was written, the end is the newest one, and a
 * place noted earlier is still what it was. Only such a note, kept elsewhere, shows that somebody wrote the whole
 * chain anew.
 */
export function endCheck(progress: AuditProgress, ends: AuditEnds): AuditVerdict {
  const { anchor, head, noted } = ends
  const { mark, entries, isNoted, broken } = progress
  const found = { entries, anchor, head }
  const brokenAt = mark.sequence + 1
  if (broken !== undefined) return { ok: false, detail: broken, ...found, brokenAt }
  if (!isSame(head, mark)) {
    const detail = `the newest entries are missing: from ${brokenAt} to ${head.sequence}`
    return { ok: false, detail, ...found, brokenAt }
  }
  if (!isNoted) return { ok: false, detail: describeNote(anchor, noted), ...found }
  return { ok: true, detail: `${entries} entries are what was written`, ...found }
}

function isSame(left: AuditMark | undefined, right: AuditMark): boolean {
  return left?.sequence === right.sequence && left.hash === right.hash
}

function describeNote(anchor: AuditMark, noted: AuditMark | undefined): string {
  const sequence = noted?.sequence ?? 0
  return sequence < anchor.sequence
    ? `entry ${sequence} is no longer kept: note a newer one`
    : `entry ${sequence} has another hash than the one noted`
}
