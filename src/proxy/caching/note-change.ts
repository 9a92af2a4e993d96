import { invalidate } from '../../cache/invalidations.ts'
import { invalidatedReferences } from '../../cache/policy/invalidation.ts'
import { nameOfKey, toAsked, type Unsafe } from '../../cache/policy/key.ts'
import { peek } from '../../cache/memory.ts'
import { knowVariants, placeIn } from '../../cache/residence.ts'
import { CACHE_LIMITS } from '../../schema/cache-limits.ts'
import { tiersOf } from './beyond.ts'
import type { PassingVisit } from './visit.ts'

/**
 * What an unsafe request may have changed is asked about before it is given out again (RFC 9111 §4.4): its own URI, and
 * those of the same scheme, host and port that the answer points to.
 */
export function noteChange(
  visit: PassingVisit,
  { url }: Unsafe,
  { status, headers }: Pick<Response, 'status' | 'headers'>,
): void {
  const { engine, arrived } = visit
  const named = ['location', 'content-location'].flatMap((name) => {
    const value = headers.get(name)
    return value === null ? [] : [[name, value] as const]
  })
  const references = invalidatedReferences(arrived.method, { status, fields: named })
  if (references === undefined) return
  const nowMs = Date.now()
  invalidate(engine.invalidations, url, nowMs)
  letGoOf(visit, nowMs)
  const base = `${url.scheme}://${url.authority}${url.path}${url.query}`
  for (const reference of references) {
    const referred = URL.parse(reference, base)
    if (referred === null || referred.origin !== URL.parse(base)?.origin) continue
    const { pathname: path, search: query } = referred
    invalidate(engine.invalidations, { host: url.host, path, query }, nowMs)
  }
}

/** What headers of a request have nothing to do with the page that it changes. */
const OF_ITS_BODY: ReadonlySet<string> = new Set(['content-length', 'transfer-encoding'])

/**
 * What this isolate has under the key of this client is asked about, however many others change meanwhile, and the other
 * isolates of the data centre do not get it from there any more.
 */
function letGoOf(visit: PassingVisit, sinceMs: number): void {
  const { arrived, cached, engine, passage } = visit
  const header = (name: string) => (OF_ITS_BODY.has(name) ? undefined : arrived.header(name))
  const asked = toAsked(cached.keying, { ...arrived, method: 'GET', header })
  if (asked.type !== 'look') return
  const { key, variants } = placeIn(engine.memory, asked.key, arrived)
  const resident = peek(engine.memory, key)
  if (resident?.type === 'answer') engine.voided.add(resident.head)
  const head = variants && { ...variants, sinceMs }
  if (head) knowVariants(engine.memory, head)
  const { colo, kv } = tiersOf({ passage, engine, asked })
  const name = nameOfKey(asked.key)
  // Or else the data centre has it from there again.
  if (cached.settings.tiers.kv) passage.ctx.waitUntil(kv.forget(nameOfKey(key), sinceMs))
  if (!cached.settings.tiers.colo) return
  const gone = head ? colo.put(name, { type: 'variants', head }, VARIANTS_MS) : colo.delete(name)
  // Where it does not work, what stands there is no older than in any other data centre.
  passage.ctx.waitUntil(gone.catch(() => undefined))
}

/** As long as anything that it makes void may stand there. */
const VARIANTS_MS = CACHE_LIMITS.lifeMs
