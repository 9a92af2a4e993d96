import * as z from 'zod'
import { CacheBypass, CacheKey } from './cache-key.ts'
import { CACHE_LIMITS } from './cache-limits.ts'
import { duration } from './duration.ts'

const life = () => duration({ min: '0s', max: CACHE_LIMITS.life })

const StatusPattern = z.string().regex(/^([2-5]\d\d|[2-5]xx)$/, {
  error: 'a status is "404", or "4xx" for all of its class',
})

/** How long answers are fresh that do not say so themselves ("override": whatever they say). */
const CacheTtl = z.strictObject({
  default: life().optional().describe('For 200, 203, 204, 300, 301, 308 and 410.'),
  statuses: z
    .record(StatusPattern, life())
    .default({})
    .describe('By status; an exact one stands above its class. "0s": not stored.'),
  negative: life()
    .optional()
    .describe('For 404, 405, 410, 414, 421, 451 and 501, unless "statuses" names them.'),
  heuristic: z
    .strictObject({
      share: z.number().min(0.01).max(1).default(0.1),
      most: life().prefault('1d'),
    })
    .optional()
    .describe(
      'A share of the time since Last-Modified (RFC 9111 §4.2.2), where nothing else is said. Off unless given.',
    ),
})

/** How long answers may be used when they are no longer fresh, where the origin forbids it with no word. */
const CacheStale = z.strictObject({
  whileRevalidate: life()
    .optional()
    .describe('While one request fetches it anew (RFC 5861 §3), where the origin gives no window.'),
  ifError: life()
    .prefault('5m')
    .describe(
      'When an origin answers with 500, 502, 503 or 504 (RFC 5861 §4), where it gives no window itself: as long as it ' +
        'takes to see that it is out. "0s": its error is passed on.',
    ),
  whileOut: life()
    .prefault('1h')
    .describe('While no origin of the route may serve: before the panic rule.'),
  whileRecovering: life()
    .prefault('2m')
    .describe(
      'While an origin of the route comes back, what ran out before is used for so long, and fetched anew at a moment of ' +
        'its own; what runs out meanwhile, as long again as it was fresh, but no longer than this.',
    ),
  despiteSMaxage: z
    .boolean()
    .default(false)
    .describe(
      'Whether "s-maxage" alone leaves the windows of the route open, against RFC 9111 §4.2.4. Windows that the answer ' +
        'itself gives are open beside it in any case.',
    ),
})

/** Where answers are kept. */
const CacheTiers = z.strictObject({
  memory: z.boolean().default(true).describe('Small ones, in each isolate.'),
  colo: z.boolean().default(true).describe('The Cache API: one data centre.'),
  kv: z
    .boolean()
    .default(true)
    .describe('Everywhere; written on the second hit, or at once where it is fresh for an hour.'),
  shield: z
    .union([
      z.boolean(),
      z.strictObject({
        region: z.enum(['wnam', 'enam', 'sam', 'weur', 'eeur', 'apac', 'oc', 'afr', 'me']),
      }),
    ])
    .default(false)
    .describe(
      'Whether misses of all data centres go through one object for each key, so that an origin sees one fetch.',
    ),
})

/** How the edge cache treats a route. */
export const RouteCache = z.strictObject({
  mode: z
    .enum(['off', 'standard', 'override'])
    .default('standard')
    .describe(
      '"standard" does what answers say (RFC 9111); "override" what "ttl" says, except for answers that are ' +
        '"private" or "no-store".',
    ),
  key: CacheKey.prefault({}),
  ttl: CacheTtl.prefault({}),
  stale: CacheStale.prefault({}),
  bypass: CacheBypass.prefault({}),
  tiers: CacheTiers.prefault({}),
  maxObjectBytes: z
    .int()
    .min(0)
    .max(CACHE_LIMITS.objectBytes)
    .default(67_108_864)
    .describe('Larger answers pass unstored.'),
  respectNoCache: z
    .boolean()
    .default(false)
    .describe(
      'Whether a client may ask for validation (no-cache, max-age, min-fresh, Pragma). Off: nobody empties the cache ' +
        'with his reload button. "only-if-cached", "no-store" and "max-stale" hold in any case.',
    ),
  setCookie: z
    .enum(['never', 'strip'])
    .default('never')
    .describe('Answers with Set-Cookie are not stored, or stored without it.'),
  armor: z
    .boolean()
    .default(true)
    .describe(
      'An answer whose Content-Type does not fit the extension of its path is not stored: ' +
        '"/account/x.css" that is HTML (web cache deception).',
    ),
  compress: z
    .boolean()
    .default(false)
    .describe(
      'Whether text that the origin sends plain is compressed once and stored so. Cloudflare compresses at its ' +
        'edge by itself; another place that runs this Worker may not.',
    ),
  waitForLeader: duration({ min: '0s', max: '1m' })
    .prefault('5s')
    .describe(
      'How long requests wait for the one that fetches the same (NGINX, proxy_cache_lock_timeout: 5 s).',
    ),
})
export type RouteCache = z.output<typeof RouteCache>

/** What holds for the caches of the whole deployment. */
export const CacheSettings = z.strictObject({
  memoryBytes: z
    .int()
    .min(0)
    .max(50_331_648)
    .default(33_554_432)
    .describe('Of each isolate, which has 128 MB for everything.'),
  memoryObjectBytes: z
    .int()
    .min(0)
    .max(1_048_576)
    .default(131_072)
    .describe('Larger ones are not kept in memory.'),
  confirmAfter: duration({ min: '5s', max: '1h' })
    .prefault('5s')
    .describe(
      'After how long without a look at what is published an isolate looks before it gives out what it keeps, half a ' +
        'second at most: at 5 s a purge is in force everywhere within 10 s. Longer spares the readers of quiet sites ' +
        'the wait, and gives one answer of each idle isolate out that was purged meanwhile.',
    ),
  shields: z
    .int()
    .min(1)
    .max(256)
    .default(8)
    .describe('Objects that the keys of shields are spread over.'),
})
export type CacheSettings = z.output<typeof CacheSettings>
