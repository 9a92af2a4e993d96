import * as z from 'zod'
import { PURGE_LIMITS, PurgeTarget } from './cache-purge.ts'
import { Flag } from './flag.ts'
import { HeaderName } from './http.ts'
import { Id } from './id.ts'
import { Reason } from './traffic-request.ts'

// What the admin API takes and tells of the edge cache.

/** What is purged, how and why. */
export const PurgeBody = z.strictObject({
  targets: z.array(PurgeTarget).min(1).max(PURGE_LIMITS.targets),
  kind: z
    .enum(['hard', 'soft'])
    .default('hard')
    .describe(
      '"hard": gone at once. "soft": stale; it may still be given out while it is fetched anew, and where the origin ' +
        'fails, within the windows of the answer and of its route.',
    ),
  reason: Reason.default('').describe('For the audit log.'),
})

/** Whether a purge is meant. */
export const PurgeQuery = z.strictObject({
  dryRun: Flag.describe('Estimates what it would meet, and purges nothing.'),
  override: Flag.describe(
    'A hard purge of everything takes it, and the scope "admin" with it; recorded.',
  ),
})

/** What the memory of one isolate holds of what a purge meets. */
const PurgeEstimate = z.strictObject({
  entries: z.int(),
  bytes: z.int(),
  requestsPerMinute: z
    .number()
    .describe('That these answered here since they were stored, on average.'),
  ofEntries: z.int().describe('All that this memory holds.'),
  ofBytes: z.int(),
  words: z.string(),
})
export type PurgeEstimate = z.output<typeof PurgeEstimate>

/** What became of a purge. */
export const CachePurged = z.strictObject({
  outcome: z.literal('purged'),
  dryRun: z.boolean(),
  serial: z
    .int()
    .describe('What was asked for before it is gone or stale, everywhere within 10 s.'),
  generation: z.int(),
  published: z.boolean().describe('Whether it stands in KV already; if not, attempts go on.'),
  rows: z.int().describe(`Purges that are remembered: at most ${PURGE_LIMITS.rows}.`),
  widened: z.int().describe('Older ones that became wider, since there were too many.'),
  into: z.array(PurgeTarget).describe('Into what, the first twenty of them.'),
  estimate: PurgeEstimate.optional().describe('Of a dry run.'),
})
export type CachePurged = z.output<typeof CachePurged>

const HeaderText = z
  .string()
  .max(16_384)
  .transform((text, context): Record<string, string> => {
    const parsed = Headers.safeParse(parseJson(text))
    if (parsed.success) return parsed.data
    context.addIssue({ code: 'custom', message: 'not an object of header names and values' })
    return z.NEVER
  })
const Headers = z.record(HeaderName, z.string().max(8192))

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // No JSON is no object either: the schema says so.
    return undefined
  }
}

/** Which request is looked up; nothing: what this isolate counted. */
export const CacheQuery = z.strictObject({
  url: z
    .url({ protocol: /^https?$/, normalize: true })
    .max(16_384)
    .optional()
    .describe('As a client asks for it.'),
  method: z.enum(['GET', 'HEAD']).default('GET'),
  headers: HeaderText.default({}).describe(
    'Of the request, as a JSON object: those that the route matches by, the key is made of or the answer varies by.',
  ),
  country: z.string().length(2).toUpperCase().optional(),
})

/** What one tier holds for a request. */
export const TierHolding = z.strictObject({
  state: z.enum(['held', 'nothing', 'off', 'unreachable']),
  status: z.int().optional(),
  bodyBytes: z.int().optional(),
  receivedAtMs: z.number().optional().describe('When it came from the origin.'),
  ageSeconds: z.int().optional(),
  ttlSeconds: z
    .int()
    .optional()
    .describe('How long it is still fresh; negative: since when it is not.'),
  tags: z.array(z.string()).optional(),
  purged: z.enum(['none', 'soft', 'hard']).optional(),
  hits: z.int().optional().describe('In memory: how often it was given out.'),
  use: z
    .enum(['fresh', 'stale', 'validate', 'unusable'])
    .optional()
    .describe('What it is good for now.'),
  words: z.string(),
})
export type TierHolding = z.output<typeof TierHolding>

/** What the cache holds for a request, and what would become of it here and now. */
export const CacheLook = z.strictObject({
  url: z.string().describe('As the key has it, and as its origin would be asked.'),
  route: Id.optional(),
  key: z.string().optional(),
  verdict: z.enum(['hit', 'stale', 'miss', 'bypass', 'uncached']),
  words: z.array(z.string()),
  tiers: z
    .strictObject({
      memory: TierHolding,
      colo: TierHolding,
      kv: TierHolding,
      shield: TierHolding,
    })
    .optional(),
})
export type CacheLook = z.output<typeof CacheLook>

/** Requests of a route, as the isolate that answers saw them since it began. */
export const RouteCacheCounts = z.strictObject({
  hits: z.strictObject({ memory: z.int(), colo: z.int(), kv: z.int(), shield: z.int() }),
  hitShare: z
    .number()
    .optional()
    .describe('Answered without an origin, of all that were looked up.'),
  stale: z.int(),
  revalidated: z.int(),
  misses: z.int(),
  refreshed: z.int().describe('Fetched anew behind a stale answer.'),
  collapsed: z.int(),
  bypassed: z.int(),
  stored: z.int(),
  uncacheable: z.int(),
  bytesServed: z.int(),
  bytesStored: z.int(),
})

/** How the cache of one isolate stands. */
export const CacheStanding = z.strictObject({
  words: z.string(),
  memory: z.strictObject({
    entries: z.int(),
    bytes: z.int(),
    mostBytes: z.int(),
    evictions: z.int(),
  }),
  routes: z.record(Id, RouteCacheCounts),
  purges: z.strictObject({
    rows: z.int(),
    newest: z.int().describe('Its serial, which is its moment in ms; 0: nothing was purged.'),
  }),
})
export type CacheStanding = z.output<typeof CacheStanding>
