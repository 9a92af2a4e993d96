import type { KvOffer } from '../../cache/kv.ts'
import type { ResidentAnswer } from '../../cache/resident.ts'
import { nameOfKey } from '../../cache/policy/key.ts'
import { keepMsOf } from '../../cache/policy/storage.ts'
import type { Stored, Variants } from '../../cache/policy/stored.ts'
import { type Place, placeIn } from '../../cache/residence.ts'
import type { Kept, KeptBody } from '../../cache/tier.ts'
import { tiersOf } from './beyond.ts'
import type { Visit } from './visit.ts'

/** How long an answer is still of use. */
function leftMsOf(head: Stored, nowMs: number): number {
  return keepMsOf(head) - Math.max(0, nowMs - head.receivedAtMs)
}

/** Keeps an answer that is all here in the data centre, where the route uses that, and offers it to KV. */
export function fillBeyond(visit: Visit, place: Place, whole: Whole): Promise<boolean> | undefined {
  const { settings } = visit.cached
  const load = () => Promise.resolve(toKept(whole))
  offer(visit, place, { head: whole.head, hits: usesAtFill(visit), load })
  if (!settings.tiers.colo) return undefined
  const putting = putInColo(visit, place, whole)
  visit.passage.ctx.waitUntil(putting)
  return putting
}

/** An answer whose body is here, or still comes. */
export interface Streaming {
  readonly head: Stored
  readonly body: KeptBody
}

/** An answer with its whole body. */
export interface Whole {
  readonly head: Stored
  readonly body: ArrayBuffer | null
}

function toKept({ head, body }: Whole): Kept {
  return { type: 'answer', head, body }
}

/** Keeps an answer in the data centre. Never rejects; false where it did not work. */
export async function putInColo(
  visit: Visit,
  place: Place,
  { head, body }: Streaming,
): Promise<boolean> {
  const { colo } = tiersOf(visit)
  const standing = visit.engine.tiers.standings.colo
  const keepMs = leftMsOf(head, Date.now())
  try {
    if (place.variants)
      await colo.put(nameOfKey(place.variants.key), toMarker(place.variants), keepMs)
    await colo.put(nameOfKey(place.key), { type: 'answer', head, body }, keepMs)
    standing.puts += 1
    return true
  } catch {
    // A data centre without it is as good as one that has not seen it yet.
    standing.failedPuts += 1
    return false
  }
}

function toMarker(head: Variants): Extract<Kept, { type: 'variants' }> {
  return { type: 'variants', head }
}

/** What is known of an answer that may go to KV. */
export type Offered = Pick<KvOffer, 'hits' | 'load'> & { readonly head: Stored }

/** Offers an answer to KV, which takes what is worth a write. Nobody waits for it. */
export function offer(visit: Visit, place: Place, offered: Offered): void {
  const taken = offerToKv(visit, place, offered)
  if (taken) visit.passage.ctx.waitUntil(taken)
}

/** Keeps an answer in KV while it comes; false where it is not worth a write, or did not work. */
export async function putInKv(visit: Visit, place: Place, streaming: Streaming): Promise<boolean> {
  const { head, body } = streaming
  const load = () => Promise.resolve<Kept>({ type: 'answer', head, body })
  const isOfKnownLength = head.bodyBytes !== undefined
  const taken = isOfKnownLength
    ? offerToKv(visit, place, { head, hits: usesAtFill(visit), load })
    : undefined
  await taken
  return taken !== undefined
}

/** Where nothing nearer keeps it, each use is a fill: the second one counts as such. */
function usesAtFill({ cached }: Visit): 0 | 1 {
  const { memory, colo } = cached.settings.tiers
  return memory || colo ? 0 : 1
}

function offerToKv(
  visit: Visit,
  place: Place,
  { head, hits, load }: Offered,
): Promise<void> | undefined {
  const { kv, shield } = visit.cached.settings.tiers
  // Of what stands behind a shield all have the same copy, and one of them writes it.
  if (!kv || shield !== false) return undefined
  const nowMs = Date.now()
  const { variants } = place
  return tiersOf(visit).kv.offer(
    {
      name: nameOfKey(place.key),
      kept: { type: 'answer', head },
      keepMs: leftMsOf(head, nowMs),
      hits,
      load,
      ...(variants && { variants: { name: nameOfKey(variants.key), kept: toMarker(variants) } }),
    },
    nowMs,
  )
}

/** The second use of an answer in memory shows that others may want it as well. */
export function offerResident(visit: Visit, { head, body }: ResidentAnswer): void {
  const { engine, asked, arrived } = visit
  const place = placeIn(engine.memory, asked.key, arrived)
  offer(visit, place, { head, hits: 2, load: () => Promise.resolve(toKept({ head, body })) })
}
