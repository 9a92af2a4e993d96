import * as z from 'zod'
import { CheckResult, Freeze, Held, LastChange } from '../../schema/dns-answer.ts'
import { DnsNews } from '../../schema/dns-news.ts'
import { DnsChange, DnsFailure, RecordSet, WantedRecord } from '../../schema/dns-record-set.ts'
import { ZoneName } from '../../schema/dns-zone.ts'
import { initialTerms, ZoneTerms } from './terms.ts'

/** Bounds and times of the runs of a zone. */
export const ZONE = {
  /** A survey that said nothing for so long is lost. */
  surveyMs: 60_000,
  /** Of a process that lives something will be heard: its run is given up after so many leases only. */
  ownLeases: 4,
  /** Least time between the begins of two runs that nobody asked for by hand. */
  spacingMs: 1000,
  /** A pause after a failure: doubled each time. */
  firstPauseMs: 5000,
  longestPauseMs: 300_000,
  /** The most that a provider may put us off. */
  longestRetryAfterMs: 3_600_000,
  /** Failures in a row that operators hear of. */
  toldAfter: 3,
  /** What was last seen longer ago than that has not been wanted without a break. Cron surveys each minute. */
  gapMs: 180_000,
  /** Answers that keep changing are settled after so many times of `settle`, if what stands was never among them. */
  patience: 4,
  /** A write that was given up may land for so long. */
  lateMs: 900_000,
  /** Changes of one record, begun by earlier runs, of which nobody knows what became; the oldest is forgotten. */
  intents: 64,
  /** A record that left the configuration is remembered for so long after its last change: it may come back. */
  goneMs: 3_600_000,
  /** Changes that had to wait for another run do so for that long. */
  nextRunMs: 60_000,
  /** News that wait; beyond it the oldest is dropped. */
  news: 1000,
  /** News told at once. */
  told: 50,
  tellLeaseMs: 20_000,
  longestTellPauseMs: 60_000,
  /** Freezes of records, configured or not; beyond it the oldest is forgotten. */
  freezes: 1000,
  /** After a change: the pause between two checks, doubled up to the longest. */
  firstCheckMs: 1000,
  longestCheckMs: 60_000,
  /** A check that said nothing for so long is lost. */
  checkLeaseMs: 60_000,
  /** Twice the TTL and that long after a change nobody may answer as before. */
  moveMarginMs: 300_000,
  /** Records that one step asks about. */
  checksAtOnce: 50,
} as const

/** What a run was asked for by, the most urgent last. "due": a guard has let go, or a pause is over. */
export const Cause = z.enum(['cron', 'due', 'change', 'conflict', 'operator'])
export type Cause = z.output<typeof Cause>

/** A pause after failures in a row. */
export const Pause = z.object({
  failures: z.int().min(1),
  sinceMs: z.number(),
  pauseMs: z.number(),
  failure: DnsFailure,
  isConflict: z.boolean(),
  isTold: z.boolean().describe('Whether operators were told, and have to hear that it is over.'),
})
export type Pause = z.output<typeof Pause>

/** A change that was begun: written down before it is made. */
export const Intent = z.object({
  serial: z.int().describe('Of the run.'),
  at: z.int().describe('Its place among the changes of the run.'),
  atMs: z.number(),
  change: DnsChange,
})
export type Intent = z.output<typeof Intent>

/** A change on its way to those who are asked. */
export const Moving = z.object({
  sinceMs: z.number(),
  expected: z.array(RecordSet),
  limitMs: z.number().describe('How long it may take.'),
  checks: z.int().min(0).describe('Checks that were begun.'),
  askedAtMs: z.number().nullable().describe('Of the check under way.'),
  dueAtMs: z.number().describe('Of the next one.'),
  verdict: z.enum(['moving', 'moved', 'divergent', 'unseen']),
  targets: z.record(z.string(), z.object({ movedMs: z.number().nullable() })),
})
export type Moving = z.output<typeof Moving>

/** One record of the zone. */
export const RecordState = z.object({
  wanted: WantedRecord,
  actual: z.array(RecordSet).describe('What stands, as far as is known: read, or written.'),
  isRead: z.boolean().default(true).describe('Whether that was ever read.'),
  sinceMs: z.number().describe('Since when these answers are wanted.'),
  otherSinceMs: z.number().nullable().describe('Since when others stand than are wanted.'),
  wellSinceMs: z.number().nullable().describe('Since when nothing is degraded.'),
  answersAtMs: z.number().nullable().describe('The last change of answers.'),
  ttlAtMs: z.number().nullable().describe('The last change of the TTL.'),
  intents: z.array(Intent).describe('Begun, and nobody knows what became of them.'),
  pause: Pause.nullable(),
  held: Held.nullable(),
  lastChange: LastChange.nullable(),
  moving: Moving.nullable(),
  answers: z.object({ atMs: z.number(), results: z.array(CheckResult) }).nullable(),
  apartSinceMs: z.number().nullable().describe('Since when checks see other answers than wanted.'),
  isTold: z.boolean().describe('Whether operators were told that DNS and proxy disagree.'),
})
export type RecordState = z.output<typeof RecordState>

/** A run: at most one, and until its lease is over nothing else is begun. */
export const Run = z.object({
  serial: z.int().min(1),
  phase: z.enum(['survey', 'apply']),
  cause: Cause,
  sinceMs: z.number(),
  leaseMs: z.number(),
})
export type Run = z.output<typeof Run>

/** All that the object of a zone knows. */
export const ZoneState = z.object({
  zone: ZoneName.nullable(),
  serial: z.int().min(0).describe('Of the last run that was begun.'),
  run: Run.nullable(),
  begun: z.int().min(0).default(0).describe('The last run that this very process began.'),
  asked: z.object({ cause: Cause, atMs: z.number() }).nullable(),
  last: z.object({
    begunAtMs: z.number().nullable(),
    surveyedAtMs: z.number().nullable().describe('When the provider was last read.'),
    seenAtMs: z.number().nullable().describe('When it was last known what is wanted.'),
    generation: z.int(),
    checkedAtMs: z.number().nullable().describe('Up to when checks that were due are begun.'),
  }),
  terms: ZoneTerms,
  pause: Pause.nullable(),
  records: z.record(z.string(), RecordState).describe('By record id.'),
  frozen: z.record(z.string(), Freeze).describe('By record id.'),
  sequence: z.int().min(0).describe('Of the last news.'),
  news: z.record(z.string(), DnsNews).describe('Not heard yet, by sequence.'),
  telling: z
    .object({ upTo: z.int(), sinceMs: z.number(), pauseMs: z.number(), failures: z.int() })
    .nullable(),
})
export type ZoneState = z.output<typeof ZoneState>

/** A zone that nobody has asked about. */
export const initialZone: ZoneState = {
  zone: null,
  serial: 0,
  run: null,
  begun: 0,
  asked: null,
  last: { begunAtMs: null, surveyedAtMs: null, seenAtMs: null, generation: 0, checkedAtMs: null },
  terms: initialTerms,
  pause: null,
  records: {},
  frozen: {},
  sequence: 0,
  news: {},
  telling: null,
}
