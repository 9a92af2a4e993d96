import * as z from 'zod'
import { Id } from './id.ts'
import { ExclusionReason, RefusalReason } from './reason.ts'

/** What became of one route of the snapshot. */
const RouteVerdict = z.strictObject({
  route: Id,
  verdict: z.enum(['matched', 'shadowed', 'unmet']),
  words: z.string(),
})

/** One origin that the route could use, and how it stood. */
const Candidate = z.strictObject({
  origin: Id,
  pool: Id,
  /** Its place among the attempts, from 1; absent when it is not among them. */
  attempt: z.int().optional(),
  excluded: ExclusionReason.optional(),
  words: z.string(),
  weight: z.number(),
  inFlight: z.int(),
  latencyMs: z.number().optional(),
  distanceKm: z.number().optional(),
})
export type Candidate = z.output<typeof Candidate>

/** One pool that the route could use, and how it stood. */
const PoolVerdict = z.strictObject({
  pool: Id,
  policy: z.string().describe('How the pool orders its origins.'),
  key: z.string().describe('What that order hangs on, in words.'),
  usable: z.int(),
  origins: z.int(),
  excluded: ExclusionReason.optional(),
  words: z.string(),
})
export type PoolVerdict = z.output<typeof PoolVerdict>

/** By which weights the request was steered, while those of its route are on their way. */
const ShiftVerdict = z.strictObject({
  percent: z.number().describe('How many clients go by the target.'),
  bucketPercent: z.number().describe('Those that fall below the percent do.'),
  by: z.enum(['configuration', 'target']),
  weights: z.record(Id, z.number()),
  words: z.string(),
})
export type ShiftVerdict = z.output<typeof ShiftVerdict>

/** What affinity has made of a request. */
const AffinityVerdict = z.strictObject({
  type: z.enum(['cookie', 'ip-cookie', 'header', 'ip']),
  key: z.string().describe('What a session is told from others by, in words.'),
  verdict: z
    .enum(['free', 'void', 'kept', 'left', 'untouched'])
    .describe(
      '"free": bound nowhere; "void": its bond leads to no origin of the route, or nobody remembers bonds here; ' +
        '"kept" and "left": where it is bound; "untouched": it goes where writes go, whatever its bond.',
    ),
  origin: Id.optional().describe('Where it is bound.'),
  boundAtMs: z.number().optional(),
  why: ExclusionReason.optional().describe('Why it may not stay there.'),
  binds: z.boolean().describe('Whether it is bound to whoever answers.'),
  natural: Id.optional().describe(
    'While a share moves: whom it would go to with every share whole and bound nowhere.',
  ),
  words: z.string(),
})
export type AffinityVerdict = z.output<typeof AffinityVerdict>

/** A decision in words: what was decided, from what, and why not otherwise. */
export const Explanation = z.strictObject({
  decision: z.enum(['steer', 'respond', 'redirect', 'refuse']),
  route: Id.optional(),
  policy: z.string().optional(),
  key: z.string().optional(),
  shift: ShiftVerdict.optional(),
  writes: z
    .enum(['write', 'wrote'])
    .optional()
    .describe('Of a route that splits them from reads: it is a write, or its client wrote lately.'),
  affinity: AffinityVerdict.optional(),
  tolerance: z.enum(['none', 'last-resort', 'reserve', 'fail-open', 'fallback']).optional(),
  attempts: z.array(Id),
  mirror: Id.optional(),
  refusal: RefusalReason.optional(),
  status: z.int().optional().describe('Of an answer that the router gives by itself.'),
  words: z.array(z.string()).describe('The story, one sentence a line.'),
  routes: z.array(RouteVerdict).describe('In order of precedence.'),
  pools: z.array(PoolVerdict),
  candidates: z.array(Candidate),
})
export type Explanation = z.output<typeof Explanation>
