import * as z from 'zod'
import { Held, RecordView, ZoneView } from './dns-answer.ts'
import { DnsChange, DnsFailure } from './dns-record-set.ts'
import { Id } from './id.ts'
import { Reason } from './traffic-request.ts'

// What the admin API is asked and answers of DNS failover, gathered from the objects of its zones.

/** How the runs of a zone stand. */
export const ZoneStanding = z.strictObject({
  ...ZoneView.omit({ records: true }).partial().shape,
  provider: Id,
  zone: z.string(),
  missing: z.string().optional().describe('Why nothing is known: its object did not answer.'),
})
export type ZoneStanding = z.output<typeof ZoneStanding>

/** Every record that follows health, and every zone that has one. */
export const DnsReport = z.strictObject({
  items: z.array(RecordView),
  zones: z.array(ZoneStanding),
})
export type DnsReport = z.output<typeof DnsReport>

/** One record, and how the runs of its zone stand. */
export const RecordReport = z.strictObject({
  record: RecordView,
  zone: ZoneStanding.optional().describe('Absent: the record has no provider yet.'),
})
export type RecordReport = z.output<typeof RecordReport>

/** What a run of a zone that somebody asked for came to, or (a dry run) would come to. */
export const ZoneRun = z.strictObject({
  provider: Id,
  zone: z.string(),
  outcome: z
    .enum(['done', 'failed', 'under-way', 'unreachable'])
    .describe(
      '"under-way": it takes longer than this call may, and goes on. "unreachable": the object of the zone did not answer.',
    ),
  changes: z.array(DnsChange).describe('Made, or (a dry run) to be made.'),
  held: z.array(Held).describe('Records that stay as they are, by which guard.'),
  failure: DnsFailure.optional(),
  detail: z.string().optional(),
})
export type ZoneRun = z.output<typeof ZoneRun>

/** What became of a reconciliation. */
export const DnsReconciled = z.strictObject({ dryRun: z.boolean(), zones: z.array(ZoneRun) })
export type DnsReconciled = z.output<typeof DnsReconciled>

/** A freeze, or its end. */
export const FreezeBody = z
  .strictObject({
    frozen: z.boolean().describe('Whether the record shall stay as it stands, whatever is wanted.'),
    reason: Reason.default('').describe('Why: whoever finds it at night reads this.'),
  })
  .refine(({ frozen, reason }) => !frozen || reason !== '', {
    error: 'a record that stays as it stands needs a reason: whoever finds it at night reads it',
    path: ['reason'],
  })
