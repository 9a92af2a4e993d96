import * as z from 'zod'
import { Actor } from './deed.ts'
import { DnsChange, DnsFailure, DnsName, RecordSet, RecordType } from './dns-record-set.ts'
import { Id } from './id.ts'

// What is known of the records that DNS failover keeps, as the admin API answers it.

/** Why a record does not become what is wanted now. */
export const Guard = z.enum([
  'unmarked', // A record set without our mark stands there: it is somebody's.
  'foreign-owner', // The mark of another deployment stands there.
  'nothing-known', // The route cannot say what should stand.
  'frozen', // An operator froze it.
  'dry-run', // Changes of this record are only told.
  'minimum-answers', // Too few answers would be left.
  'settling', // It has not been wanted for long enough.
  'hold-time', // The last change is too young.
  'conflict', // Somebody else writes there, too.
  'back-off', // The last attempt failed.
  'maximum-changes', // Enough for one run.
])
export type Guard = z.output<typeof Guard>

/** A record that is held as it stands, by which guard, in words, and until when where that is known. */
export const Held = z.strictObject({
  record: Id,
  guard: Guard,
  words: z.string().max(1024),
  untilMs: z.number().optional(),
})
export type Held = z.output<typeof Held>

/** What a run would do, or does. */
export const Reconciliation = z.strictObject({
  changes: z.array(DnsChange),
  held: z.array(Held),
})
export type Reconciliation = z.output<typeof Reconciliation>

const target = {
  target: z.string().max(512).describe('"ns1.example.com:53", "https://dns.google/dns-query".'),
  kind: z.enum(['name-server', 'resolver']),
  afterMs: z.number().min(0).describe('From the begin of the check until it had answered.'),
}

/** What one name server or resolver answered for the name and type of a record. */
export const CheckResult = z.discriminatedUnion('outcome', [
  z.strictObject({
    ...target,
    outcome: z.literal('as-expected').describe('The values of one of the sets that should stand.'),
    ttl: z.int().min(0).optional().describe('Seconds, as it was answered.'),
  }),
  z.strictObject({
    ...target,
    outcome: z.literal('other'),
    values: z.array(z.string().max(1024)).max(64).describe('Canonical; empty: no such record.'),
    ttl: z.int().min(0).optional(),
  }),
  z.strictObject({
    ...target,
    outcome: z.literal('failed').describe('It says nothing of the record: no answer, or none.'),
    why: z.string().max(512),
  }),
])
export type CheckResult = z.output<typeof CheckResult>

/** How a change of answers reached those who are asked. */
export const Move = z.strictObject({
  sinceMs: z.number().describe('When the provider had taken the change.'),
  verdict: z
    .enum(['moving', 'moved', 'divergent', 'unseen'])
    .describe(
      '"moved": all that answer, answer anew. "divergent": some did not in time. "unseen": nobody answered.',
    ),
  targets: z
    .record(z.string(), z.strictObject({ movedMs: z.number().nullable() }))
    .describe('By name server or resolver: how long after the change it first answered anew.'),
})
export type Move = z.output<typeof Move>

/** A freeze by an operator. */
export const Freeze = z.strictObject({ reason: z.string().max(1024), by: Actor, atMs: z.number() })
export type Freeze = z.output<typeof Freeze>

/** The last time that a record was changed. */
export const LastChange = z.strictObject({
  atMs: z.number(),
  changes: z.array(DnsChange),
})
export type LastChange = z.output<typeof LastChange>

/** One record: what should stand, what stands, and what is between them. */
export const RecordView = z.strictObject({
  id: Id,
  provider: Id,
  zone: z.string(),
  name: DnsName,
  type: RecordType,
  route: Id,
  reason: z.string().optional().describe('Why these are wanted, in words.'),
  degraded: z.boolean().describe('Whether something that it could answer with is not well.'),
  wanted: z.array(RecordSet).optional().describe('Absent: never surveyed.'),
  wantedSinceMs: z.number().optional(),
  actual: z
    .array(RecordSet)
    .optional()
    .describe('As it stood when it was last read or written. Absent: it was never read.'),
  difference: z.array(DnsChange).describe('What would be changed if no guard were in force.'),
  guard: Held.omit({ record: true }).optional(),
  frozen: Freeze.optional(),
  lastChange: LastChange.optional(),
  move: Move.optional(),
  answers: z.array(CheckResult).optional().describe('What was answered at the last check.'),
  answersSinceMs: z.number().optional().describe('When it was first answered so.'),
  divergesSinceMs: z
    .number()
    .optional()
    .describe('Since when DNS answers otherwise than a request would be decided.'),
})
export type RecordView = z.output<typeof RecordView>

/** One zone at one provider. */
export const ZoneView = z.strictObject({
  provider: Id,
  zone: z.string(),
  run: z.enum(['idle', 'surveying', 'applying']),
  runSinceMs: z.number().optional(),
  runUntilMs: z
    .number()
    .optional()
    .describe('If nothing is heard of the run by then it is given up, and begun anew.'),
  isCutShort: z
    .boolean()
    .optional()
    .describe(
      'Whether the process that began the run has ended. It may still be writing, so that is waited for.',
    ),
  generation: z.int().describe('Of the conditions that were last decided from.'),
  surveyedAtMs: z.number().optional(),
  failures: z.int().describe('Runs in a row that failed.'),
  failure: DnsFailure.optional().describe('Of the last of them.'),
  retryAtMs: z.number().optional(),
  records: z.array(RecordView),
})
export type ZoneView = z.output<typeof ZoneView>
