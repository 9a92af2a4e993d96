import * as z from 'zod'
import { Actor } from '../src/schema/deed.ts'
import { Id } from '../src/schema/id.ts'
import type { InterlockRefusal } from '../src/schema/interlock.ts'
import { Shed } from '../src/schema/limit.ts'
import { AdminState } from '../src/schema/pool.ts'
import { type ProbePlan, ProberName } from '../src/schema/probe-plan.ts'
import { HealthReport } from '../src/schema/report.ts'
import { Weight } from '../src/schema/steer.ts'
import {
  type Confirmation,
  type DrainView,
  type OriginView,
  type PoolView,
  RampSubject,
  RampUse,
  type RampView,
} from '../src/schema/traffic.ts'
import { Expectation } from '../src/state/revision/expectation.ts'
import type { Nothing } from './wire.ts'

// What the control object answers about traffic. No strict objects: an object of one release may meet a Worker of
// the next.

/** Bounds of lists and texts. */
export const TRAFFIC_LIMITS = { page: 100, defaultPage: 50, reason: 1024, shifts: 100 } as const

/** What goes with every change by an operator. */
const Deed = z.object({
  actor: Actor,
  reason: z.string().max(TRAFFIC_LIMITS.reason).default(''),
  dryRun: z.boolean().default(false),
  /** Goes past the interlocks; whoever may ask for that was checked before. Recorded. */
  override: z.boolean().default(false),
  /** The change reverts by itself after so long unless it is confirmed. */
  confirmWithinMs: z.number().min(10_000).max(86_400_000).optional(),
})

export const SetStateInput = Deed.extend({
  subject: RampSubject.describe('An origin or a pool.'),
  state: AdminState,
  fromMs: z.number().optional(),
  untilMs: z.number().optional(),
  ramp: Id.optional().describe('By which ramp a drain leaves; default: at once.'),
})
export const SetSheddingInput = Deed.extend({
  pool: Id,
  shed: Shed.nullable().describe('Null: nothing any more.'),
  untilMs: z.number().optional(),
})
export const SetWeightsInput = Deed.extend({
  route: Id,
  weights: z.record(Id, Weight),
  expect: Expectation.optional(),
})
export const StartShiftInput = Deed.extend({
  route: Id,
  to: z.record(Id, Weight),
  ramp: Id.optional().describe('Default: the defaults of a ramp.'),
  expect: Expectation.optional(),
})
export const CommandInput = Deed.extend({
  ramp: z.string().max(80),
  command: z.enum(['pause', 'resume', 'step-back', 'promote', 'abort']),
  /** Of `abort`: back step by step (as fast as the dwell allows, no gate) or at once. */
  how: z.enum(['at-once', 'in-steps']).default('at-once'),
})
export const ConfirmInput = z.object({ id: z.string().max(80), actor: Actor })
export const PageInput = z.object({
  after: z.string().max(80).optional(),
  limit: z.int().min(1).max(TRAFFIC_LIMITS.page).default(TRAFFIC_LIMITS.defaultPage),
})
export const SubjectInput = z.object({ id: z.string().max(80) })
export const RampsInput = z.object({ use: RampUse.optional() })
export const HealthInput = z.object({ report: HealthReport })
export const PlanInput = z.object({ name: ProberName, revision: z.int() })

/** What became of a change. */
export type TrafficAnswer =
  | {
      readonly outcome: 'done' | 'unchanged'
      readonly dryRun: boolean
      /** The generation that carries it to the edges. */
      readonly generation: number
      readonly published: boolean
      /** Of a change of weights: the revision that holds them. */
      readonly revision: number
      readonly ramp?: RampView
      /** Of a drain that has begun. */
      readonly drain?: DrainView
      readonly confirmation?: Confirmation
      /** The interlocks that it went past because it was told to. */
      readonly overrode: readonly InterlockRefusal[]
    }
  | { readonly outcome: 'refused'; readonly refusals: readonly InterlockRefusal[] }
  /** There is no such origin, pool, route, ramp or confirmation. */
  | { readonly outcome: 'not-found'; readonly detail: string }
  /** It makes no sense for this subject now: no weights to shift, a shift under way, nothing to resume. */
  | { readonly outcome: 'conflict'; readonly detail: string }
  | { readonly outcome: 'mismatch'; readonly revision: number }

/** A page of a list, and where the next one starts. */
export interface Page<Item> {
  readonly items: readonly Item[]
  readonly next?: string
}

/** The methods of the control object that concern traffic. */
export interface TrafficMethods {
  /** From the object of an origin, until it is heard. */
  health(input: z.input<typeof HealthInput>): { readonly generation: number }
  /** What a prober probes; `null` when it has that revision. */
  probePlan(input: z.input<typeof PlanInput>): ProbePlan | null
  /** Every prober there should be. */
  probers(input: z.input<typeof Nothing>): {
    readonly revision: number
    readonly items: readonly ProberName[]
  }
  origins(input: z.input<typeof PageInput>): Page<OriginView>
  origin(input: z.input<typeof SubjectInput>): OriginView | null
  pools(input: z.input<typeof PageInput>): Page<PoolView>
  pool(input: z.input<typeof SubjectInput>): PoolView | null
  setState(input: z.input<typeof SetStateInput>): TrafficAnswer
  setShedding(input: z.input<typeof SetSheddingInput>): TrafficAnswer
  /** A new revision of the configuration with other weights for one route. */
  setWeights(input: z.input<typeof SetWeightsInput>): TrafficAnswer
  startShift(input: z.input<typeof StartShiftInput>): TrafficAnswer
  ramps(input: z.input<typeof RampsInput>): { readonly items: readonly RampView[] }
  ramp(input: z.input<typeof SubjectInput>): RampView | null
  command(input: z.input<typeof CommandInput>): TrafficAnswer
  confirmations(input: z.input<typeof Nothing>): { readonly items: readonly Confirmation[] }
  confirm(input: z.input<typeof ConfirmInput>): TrafficAnswer
}
