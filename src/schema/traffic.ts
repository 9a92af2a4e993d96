import * as z from 'zod'
import { Health } from './health.ts'
import { Id } from './id.ts'
import { Shed } from './limit.ts'
import { Measure } from './report.ts'
import { AdminState } from './pool.ts'
import { Weight } from './steer.ts'

// How traffic stands, as the API shows it.

/** What a ramp moves: the share of an origin or of a pool, or the weights of a route. */
export const RampSubject = z.strictObject({ type: z.enum(['origin', 'pool', 'route']), id: Id })
export type RampSubject = z.output<typeof RampSubject>

/** Why a ramp runs: something recovered, an operator moves weights, or an operator takes something out. */
export const RampUse = z.enum(['recovery', 'shift', 'drain'])
export type RampUse = z.output<typeof RampUse>

/**
 * `waiting`: for the failback policy. `stepping`: on its way. `paused`: by an operator. `held`: back at nothing
 * after a hard breach, until the hold-down ends. `done` and `aborted` are ends.
 */
export const RampPhase = z.enum(['waiting', 'stepping', 'paused', 'held', 'done', 'aborted'])
export type RampPhase = z.output<typeof RampPhase>

/** A ramp, and why it stands where it stands. */
export const RampView = z.strictObject({
  id: z.string().describe('"origin:us-1", "pool:us" or "shift:<number>".'),
  use: RampUse,
  subject: RampSubject,
  phase: RampPhase,
  percent: z.number().min(0).max(100).describe('How far it is: 100 is the end, whatever it moves.'),
  steps: z.array(z.number()),
  sinceMs: z.number().describe('Since when it stands at this step or in this phase.'),
  why: z.string().describe('In words and numbers: what it waits for, or why it went back.'),
  nextAtMs: z.number().optional().describe('When it will look again, if time alone decides that.'),
  measured: z
    .strictObject({ subject: Measure, peers: Measure })
    .optional()
    .describe('What it last went by.'),
  affinity: z
    .strictObject({
      admitPercent: z.number().describe('Of the clients that are free to go anywhere.'),
      keptPercent: z.number().describe('What affinity keeps there, whatever the share.'),
      freePercent: z.number().describe('What is free to go there or elsewhere.'),
      reachedPercent: z.number().describe('What it takes in all.'),
      said: z.string().describe('What cannot be reached, in words; empty when the share is.'),
    })
    .optional()
    .describe('Whom affinity keeps, in percent of what would come with its whole share.'),
  from: z.record(Id, Weight).optional().describe('Of a shift: the weights before.'),
  to: z.record(Id, Weight).optional().describe('Of a shift: the weights it is on its way to.'),
  startedAtMs: z.number(),
  startedBy: z.string(),
})
export type RampView = z.output<typeof RampView>

/** What an operator said of an origin or pool, while it holds. */
export const Override = z.strictObject({
  state: AdminState,
  reason: z.string().max(1024),
  by: z.string(),
  fromMs: z.number().describe('When it takes effect; a time to come is a planned window.'),
  untilMs: z.number().optional().describe('When it ends by itself.'),
  ramp: Id.optional().describe('By which ramp a drain leaves; without one at once.'),
})
export type Override = z.output<typeof Override>

/** Load that an operator takes off a pool, while it holds. */
export const SheddingView = z.strictObject({
  shed: Shed,
  reason: z.string().max(1024),
  by: z.string(),
  sinceMs: z.number(),
  untilMs: z.number().optional().describe('When it ends by itself.'),
})
export type SheddingView = z.output<typeof SheddingView>

/** A drain that has begun; one by steps begins with the end of them. */
export const DrainView = z.strictObject({
  fromMs: z.number(),
  untilMs: z.number().describe('Until when clients that are bound there stay.'),
})
export type DrainView = z.output<typeof DrainView>

/** A drain and what it still waits for. */
export const DrainReport = DrainView.extend({
  drained: z
    .boolean()
    .describe(
      'Whether nothing is left: nothing is open, nothing came for half a minute, and nobody may come back, or the time is over.',
    ),
  left: z.string().describe('What is left, in words and numbers; or why that is not known.'),
  connections: z.int().optional(),
  requestsPerMinute: z.int().optional().describe('Of clients that are kept there.'),
  sessions: z.int().optional().describe('Kept by the session objects, where a route does so.'),
})
export type DrainReport = z.output<typeof DrainReport>

/** An origin as it stands now. */
export const OriginView = z.strictObject({
  id: Id,
  pool: Id,
  url: z.string(),
  weight: Weight,
  health: Health,
  evidence: z.string(),
  sinceMs: z.number(),
  holdsUntilMs: z.number().optional(),
  state: AdminState.describe('That holds now: an override, or the configuration.'),
  override: Override.optional(),
  drain: DrainView.optional(),
  isRemoved: z
    .boolean()
    .optional()
    .describe('The configuration does not have it any more: it drains, and then is gone.'),
  sharePercent: z.number().describe('Of its weight in its pool, 0 to 100.'),
  poolSharePercent: z.number().describe('Of the weight of its pool in its routes.'),
  ramp: RampView.optional(),
})
export type OriginView = z.output<typeof OriginView>

/** A pool as it stands now. */
export const PoolView = z.strictObject({
  id: Id,
  origins: z.array(Id),
  leaving: z.array(Id).optional().describe('Removed from the configuration, and draining.'),
  usable: z.int().describe('Origins that may serve.'),
  minimumOrigins: z.int(),
  isDown: z.boolean(),
  state: AdminState,
  override: Override.optional(),
  shedding: SheddingView.optional(),
  drain: DrainView.optional(),
  sharePercent: z.number(),
  ramp: RampView.optional(),
})
export type PoolView = z.output<typeof PoolView>

/** A change that takes itself back unless somebody confirms it in time. */
export const Confirmation = z.strictObject({
  id: z.string(),
  action: z.string().describe('What was changed, in words.'),
  by: z.string(),
  dueAtMs: z.number().describe('When it reverts.'),
})
export type Confirmation = z.output<typeof Confirmation>
