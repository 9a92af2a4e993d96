import * as z from 'zod'
import { Deed } from './deed.ts'

/** Bounds of the audit log. */
export const AUDIT_LIMITS = {
  /** Entries kept; of older ones the hash of the last stays behind, so that the chain still has its beginning. */
  kept: 20_000,
  /** Most characters of what an entry says of before and after. */
  detail: 16_384,
  page: 200,
  defaultPage: 50,
} as const

/** SHA-256 in hexadecimal. */
export const Hash = z.string().regex(/^[0-9a-f]{64}$/)

/** One thing that was done, as it stands in the log. */
export const AuditEntry = Deed.extend({
  sequence: z.int().min(1).describe('From 1, without a gap.'),
  atMs: z.number(),
  hash: Hash.describe('Of the hash of the entry before and of this entry: see docs/api.md.'),
})
export type AuditEntry = z.output<typeof AuditEntry>

/** A place in the chain: an entry by its number, and its hash. */
export const AuditMark = z.strictObject({ sequence: z.int().min(0), hash: Hash })
export type AuditMark = z.output<typeof AuditMark>

/** What became of a check of the whole chain. */
export const AuditVerdict = z.strictObject({
  ok: z.boolean(),
  detail: z.string().describe('In words: what holds, or where it breaks.'),
  entries: z.int().describe('Entries that are kept, all of them checked.'),
  anchor: AuditMark.describe('The last entry that is no longer kept; 0 while all are.'),
  head: AuditMark.describe('The newest entry. Note it elsewhere: a later check can ask for it.'),
  brokenAt: z.int().optional().describe('The first entry that is not what it was.'),
})
export type AuditVerdict = z.output<typeof AuditVerdict>
