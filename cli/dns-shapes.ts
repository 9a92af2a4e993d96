import * as z from 'zod'

// What the command line shows of the admin API's answers about DNS. Loose: a router may be newer than the command line.

/** A record set, as far as it is shown. */
export const ShownSet = z.looseObject({
  ttl: z.number(),
  values: z.array(z.string()),
  proxied: z.boolean().optional(),
  variant: z.looseObject({ id: z.string() }).optional(),
})
export type ShownSet = z.output<typeof ShownSet>

/** A change, as far as it is shown. */
export const ShownChange = z.looseObject({
  record: z.string(),
  before: ShownSet.optional(),
  after: ShownSet.optional(),
  reason: z.string(),
})
export type ShownChange = z.output<typeof ShownChange>

const guard = { guard: z.string(), words: z.string(), untilMs: z.number().optional() }

/** What a name server or resolver answered. */
export const ShownAnswer = z.looseObject({
  target: z.string(),
  outcome: z.string(),
  values: z.array(z.string()).optional(),
  why: z.string().optional(),
})
export type ShownAnswer = z.output<typeof ShownAnswer>

/** A record that follows health, as far as it is shown. */
export const ShownRecord = z.looseObject({
  id: z.string(),
  provider: z.string(),
  zone: z.string(),
  name: z.string(),
  type: z.string(),
  route: z.string(),
  reason: z.string().optional(),
  degraded: z.boolean(),
  wanted: z.array(ShownSet).optional(),
  wantedSinceMs: z.number().optional(),
  actual: z.array(ShownSet).optional(),
  difference: z.array(ShownChange),
  guard: z.looseObject(guard).optional(),
  frozen: z
    .looseObject({
      reason: z.string(),
      by: z.looseObject({ name: z.string() }),
      atMs: z.number(),
    })
    .optional(),
  lastChange: z.looseObject({ atMs: z.number(), changes: z.array(ShownChange) }).optional(),
  move: z
    .looseObject({
      verdict: z.string(),
      targets: z.record(z.string(), z.looseObject({ movedMs: z.number().nullable() })),
    })
    .optional(),
  answers: z.array(ShownAnswer).optional(),
  answersSinceMs: z.number().optional(),
  divergesSinceMs: z.number().optional(),
})
export type ShownRecord = z.output<typeof ShownRecord>

/** How the runs of a zone stand. */
export const ShownZone = z.looseObject({
  provider: z.string(),
  zone: z.string(),
  run: z.string().optional(),
  runSinceMs: z.number().optional(),
  runUntilMs: z.number().optional(),
  isCutShort: z.boolean().optional(),
  generation: z.number().optional(),
  surveyedAtMs: z.number().optional(),
  failures: z.number().optional(),
  failure: z.looseObject({ detail: z.string() }).optional(),
  retryAtMs: z.number().optional(),
  missing: z.string().optional(),
})
export type ShownZone = z.output<typeof ShownZone>

/** What became of a reconciliation in one zone. */
export const ShownRun = z.looseObject({
  provider: z.string(),
  zone: z.string(),
  outcome: z.string(),
  changes: z.array(ShownChange),
  held: z.array(z.looseObject({ record: z.string(), ...guard })),
  failure: z.looseObject({ detail: z.string() }).optional(),
  detail: z.string().optional(),
})
export type ShownRun = z.output<typeof ShownRun>
