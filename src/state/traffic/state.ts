import * as z from 'zod'
import { Conditions } from '../../schema/condition.ts'
import { Health } from '../../schema/health.ts'
import type { Origin } from '../../schema/pool.ts'
import { Override, type RampSubject, SheddingView } from '../../schema/traffic.ts'
import { Weight } from '../../schema/steer.ts'
import { Id } from '../../schema/id.ts'
import { RampState } from '../ramp/state.ts'
import type { TrafficPlan } from './plan.ts'

/** What the object of an origin last said of it. */
export const KnownHealth = z.object({
  sequence: z.number(),
  health: Health,
  evidence: z.string(),
  sinceMs: z.number(),
  holdsUntilMs: z.number().optional(),
})
export type KnownHealth = z.output<typeof KnownHealth>

/** What an operator said of an origin or pool, and whether it has taken effect. */
export const HeldOverride = z.object({
  ...Override.shape,
  serial: z.int().describe('Tells it from what was said before and after.'),
  hasBegun: z.boolean(),
  isForced: z.boolean().describe('It goes past the interlocks also when its time comes.'),
  isPostponed: z.boolean().optional().describe('Its end is put off, and that was told.'),
})
export type HeldOverride = z.output<typeof HeldOverride>

/** Load that an operator takes off a pool. */
export const HeldShedding = z.object({
  ...SheddingView.shape,
  serial: z.int().describe('Tells it from what was said before and after.'),
})
export type HeldShedding = z.output<typeof HeldShedding>

/** What a change does when nobody confirms it. */
export const Reversal = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('override'),
    subject: z.string(),
    /** Only while this one still stands. */
    serial: z.int(),
    previous: HeldOverride.nullable(),
  }),
  z.object({ type: z.literal('ramp'), id: z.string() }),
  z.object({
    type: z.literal('shedding'),
    pool: z.string(),
    /** Only while this one still stands. */
    serial: z.int(),
    previous: HeldShedding.nullable(),
  }),
  /** Only while `revision` is still the current one. */
  z.object({ type: z.literal('revision'), revision: z.int(), back: z.int() }),
])
export type Reversal = z.output<typeof Reversal>

/** A change that takes itself back unless somebody confirms it in time. */
export const PendingConfirmation = z.object({
  id: z.string(),
  action: z.string(),
  target: z.string(),
  by: z.string(),
  dueAtMs: z.number(),
  reversal: Reversal,
  /** When it was last asked for, once it is due; 0 before. */
  askedAtMs: z.number(),
})
export type PendingConfirmation = z.output<typeof PendingConfirmation>

/** A shift that is done and whose weights are not yet those of the configuration. */
export const Landing = z.object({
  route: z.string(),
  weights: z.record(Id, Weight),
  by: z.string(),
  askedAtMs: z.number(),
})
export type Landing = z.output<typeof Landing>

/** Something that takes no new clients: since when. Until when follows from its pool. */
export const Drain = z.object({ fromMs: z.number() })
export type Drain = z.output<typeof Drain>

/** An origin that a revision removed and that drains first: as the revision before had it. */
export const Leaving = z.object({ pool: Id, origin: z.custom<Origin>() })
export type Leaving = z.output<typeof Leaving>

/** How traffic stands, as far as it is no matter of the configuration alone. Flat: each field is stored by itself. */
export const TrafficState = z.object({
  plan: z
    .custom<TrafficPlan>()
    .nullable()
    .describe('What follows from the configuration in force; null where it cannot be read.'),
  serial: z.int().min(0).describe('The highest number given to a shift, an override, a notice.'),
  origins: z.record(z.string(), KnownHealth),
  down: z.record(z.string(), z.object({ sinceMs: z.number() })).describe('Pools that are.'),
  overrides: z.record(z.string(), HeldOverride).describe('By subject: "origin:us-1", "pool:us".'),
  shedding: z.record(z.string(), HeldShedding).describe('By id of the pool.'),
  ramps: z.record(z.string(), RampState).describe('By id; those that are over stay for a while.'),
  asked: z.record(z.string(), z.number()).describe('When a ramp was last asked to be measured.'),
  drains: z.record(z.string(), Drain).describe('By subject; a drain by steps is one at its end.'),
  leaving: z.record(z.string(), Leaving).describe('By id of the origin. Part of `plan`.'),
  leavingSince: z.string().describe('Names what `leaving` holds; empty when that is nothing.'),
  landings: z.record(z.string(), Landing).describe('By id of the ramp.'),
  confirmations: z.record(z.string(), PendingConfirmation),
  conditions: Conditions.describe('What all of it comes to, for the edges.'),
})
export type TrafficState = z.output<typeof TrafficState>

/** Nothing is known and nothing was said. */
export const initialTraffic: TrafficState = {
  plan: null,
  serial: 0,
  origins: {},
  down: {},
  overrides: {},
  shedding: {},
  ramps: {},
  asked: {},
  drains: {},
  leaving: {},
  leavingSince: '',
  landings: {},
  confirmations: {},
  conditions: { origins: {}, pools: {}, routes: {} },
}

/** Fields stored entry by entry, and fields that a new process makes again from the configuration. */
export const TRAFFIC_TABLES = [
  'origins',
  'down',
  'overrides',
  'shedding',
  'ramps',
  'drains',
  'leaving',
  'confirmations',
] as const
export const TRAFFIC_VOLATILE = ['plan', 'asked', 'conditions'] as const

/** The name of a subject as a key: also the id of the ramp that moves it. */
export function toKey({ type, id }: RampSubject): string {
  return `${type}:${id}`
}

/** The subject that a key names. */
export function toSubject(key: string): RampSubject {
  const at = key.indexOf(':')
  const type = key.slice(0, at)
  return { type: type === 'pool' || type === 'route' ? type : 'origin', id: key.slice(at + 1) }
}

/** An entry by a name that came from outside: `constructor` is on every object. */
export function entryOf<Value>(
  record: Readonly<Record<string, Value>>,
  key: string,
): Value | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined
}

/** A record with one entry more, or another value in it. */
export function withEntry<Value>(
  record: Readonly<Record<string, Value>>,
  key: string,
  value: Value,
): Record<string, Value> {
  return { ...record, [key]: value }
}

/** A record with other values; `undefined` takes an entry away. One copy, however many: thousands may come at once. */
export function withChanges<Value>(
  record: Record<string, Value>,
  changes: ReadonlyMap<string, Value | undefined>,
): Record<string, Value> {
  if (changes.size === 0) return record
  const next = { ...record }
  for (const [key, value] of changes) {
    if (value === undefined) delete next[key]
    else next[key] = value
  }
  return next
}

/** A record without some entries; the very same when it had none of them. */
export function withoutEntries<Value>(
  record: Record<string, Value>,
  keys: readonly string[],
): Record<string, Value> {
  const gone = keys.filter((key) => Object.hasOwn(record, key))
  return withChanges(record, new Map(gone.map((key) => [key, undefined])))
}
