import * as z from 'zod'

// What the command line shows of the admin API's answers. Loose: a router may be newer than the command line.

/** A ramp, as far as it is shown. */
export const ShownRamp = z.looseObject({
  id: z.string(),
  use: z.string(),
  phase: z.string(),
  percent: z.number(),
  steps: z.array(z.number()),
  sinceMs: z.number(),
  why: z.string(),
  nextAtMs: z.number().optional(),
})
export type ShownRamp = z.output<typeof ShownRamp>

const ShownOverride = z.looseObject({
  state: z.string(),
  reason: z.string(),
  by: z.string(),
  fromMs: z.number(),
  untilMs: z.number().optional(),
})
export type ShownOverride = z.output<typeof ShownOverride>

const ShownShedding = z.looseObject({
  shed: z.looseObject({ newPercent: z.number(), sessionPercent: z.number() }),
  reason: z.string(),
  by: z.string(),
  untilMs: z.number().optional(),
})
export type ShownShedding = z.output<typeof ShownShedding>

/** A drain, as far as it is shown. */
export const ShownDrain = z.looseObject({
  untilMs: z.number(),
  drained: z.boolean().optional(),
  left: z.string().optional(),
})
export type ShownDrain = z.output<typeof ShownDrain>

/** An origin, as far as it is shown. */
export const ShownOrigin = z.looseObject({
  id: z.string(),
  pool: z.string(),
  health: z.string(),
  evidence: z.string(),
  sinceMs: z.number(),
  holdsUntilMs: z.number().optional(),
  state: z.string(),
  override: ShownOverride.optional(),
  drain: ShownDrain.optional(),
  isRemoved: z.boolean().optional(),
  sharePercent: z.number(),
  poolSharePercent: z.number(),
  ramp: ShownRamp.optional(),
  connections: z.number().optional(),
  missing: z.string().optional(),
  regions: z
    .array(
      z.looseObject({
        region: z.string(),
        monitor: z.string(),
        verdict: z.string(),
        void: z.string().optional(),
        inARow: z.number(),
        lastDetail: z.string(),
        lastLatencyMs: z.number().optional(),
        lastAtMs: z.number().optional(),
      }),
    )
    .optional(),
  passive: z
    .looseObject({
      requests: z.number(),
      failures: z.number(),
      errors: z.number(),
      windowMs: z.number(),
      isolates: z.number(),
      ejecting: z.number().optional(),
      p95Ms: z.number().optional(),
    })
    .optional(),
})
export type ShownOrigin = z.output<typeof ShownOrigin>

/** A pool, as far as it is shown. */
export const ShownPool = z.looseObject({
  id: z.string(),
  origins: z.array(z.string()),
  usable: z.number(),
  minimumOrigins: z.number(),
  isDown: z.boolean(),
  state: z.string(),
  override: ShownOverride.optional(),
  shedding: ShownShedding.optional(),
  drain: ShownDrain.optional(),
  leaving: z.array(z.string()).optional(),
  sharePercent: z.number(),
  ramp: ShownRamp.optional(),
})
export type ShownPool = z.output<typeof ShownPool>

/** A change that waits to be confirmed. */
export const ShownConfirmation = z.looseObject({
  id: z.string(),
  action: z.string(),
  by: z.string(),
  dueAtMs: z.number(),
})

/** Somebody who is told, and how telling goes. */
export const ShownReceiver = z.looseObject({
  id: z.string(),
  type: z.string(),
  pending: z.number(),
  delivered: z.number(),
  dropped: z.number(),
  deliveredAtMs: z.number().optional(),
  lastError: z.looseObject({ why: z.string(), atMs: z.number() }).optional(),
})

/** What became of a change of traffic. */
export const ShownMove = z.looseObject({
  outcome: z.string(),
  dryRun: z.boolean(),
  generation: z.number(),
  published: z.boolean(),
  revision: z.number(),
  ramp: ShownRamp.optional(),
  drain: ShownDrain.optional(),
  confirmation: ShownConfirmation.optional(),
  overrode: z
    .array(z.looseObject({ type: z.string(), route: z.string(), part: z.string().optional() }))
    .default([]),
})
export type ShownMove = z.output<typeof ShownMove>

/** What the regions saw when they tried a monitor. */
export const ShownTrials = z.looseObject({
  items: z.array(
    z.looseObject({
      region: z.string(),
      origin: z.string(),
      monitor: z.string(),
      ok: z.boolean(),
      latencyMs: z.number(),
      detail: z.string(),
      status: z.number().optional(),
    }),
  ),
  unreachable: z.array(z.looseObject({ region: z.string(), detail: z.string() })),
})
