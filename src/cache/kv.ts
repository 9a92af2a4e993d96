import {
  admits,
  isAsNew,
  isKnown,
  KV_LIMITS,
  type KvCandidate,
  learn,
  toStamp,
} from './kv-admission.ts'
import { readValue, toValue } from './kv-value.ts'
import type { Kept, Tier } from './tier.ts'
import type { KvStamp, TierMemory } from './tier-memory.ts'

/** An answer that may go to KV, and how to come by it. */
export interface KvOffer extends KvCandidate {
  /** Where it varies: what stands under the key, and goes in before it. */
  readonly variants?: { readonly name: string; readonly kept: Extract<Kept, { type: 'variants' }> }
  /** The whole of it: from memory, or read from the data centre again. */
  load(): Promise<Kept | undefined>
}

/** Workers KV: what all regions share, and what outlives deployments. */
export interface Kv extends Tier {
  readonly id: 'kv'
  /**
   * Writes an answer where that is worth it: `undefined` where it is not, and else when it is done. Never rejects.
   * The request must not be over before (`waitUntil`).
   */
  offer(offer: KvOffer, nowMs: number): Promise<void> | undefined
  /** Takes away what stands there, if anything does: to look costs a tenth of taking away. Never rejects. */
  forget(name: string, nowMs: number): Promise<void>
}

interface Store {
  readonly namespace: KVNamespace
  readonly memory: TierMemory
}

/** The tier of a namespace, for an isolate that remembers what it saw there. */
export function openKv(namespace: KVNamespace, memory: TierMemory): Kv {
  const store = { namespace, memory }
  return {
    id: 'kv',
    get: (name) => read(store, name),
    put: (name, kept, keepMs) => write(store, name, { kept, keepMs }),
    delete: (name) => namespace.delete(name),
    forget: (name, nowMs) => clear(store, name, nowMs).catch(() => undefined),
    offer(offer, nowMs) {
      if (!admits(memory, offer, nowMs)) return undefined
      learn(memory, offer.name, { writtenAtMs: nowMs, hits: 0 })
      return take(store, offer, nowMs).catch(() => {
        memory.standings.kv.failedPuts += 1
      })
    },
  }
}

const CACHE_TTL = KV_LIMITS.knownMs / 1000

/** That nothing is there KV itself remembers as long as this does; but each look is paid for. */
async function read({ namespace, memory }: Store, name: string): Promise<Kept | undefined> {
  const isMissing = memory.known.get(name)?.stands === undefined
  if (isMissing && isKnown(memory, name, Date.now())) return undefined
  // The platform's types leave open what the pieces of a value are.
  const value: ReadableStream<Uint8Array> | null = await namespace.get(name, {
    type: 'stream',
    cacheTtl: CACHE_TTL,
  })
  const kept = value === null ? undefined : await readValue(value)
  learn(memory, name, { stands: kept && toStamp(kept), knownAtMs: Date.now() })
  return kept
}

async function write(
  { namespace }: Store,
  name: string,
  { kept, keepMs }: { readonly kept: Kept; readonly keepMs: number },
): Promise<void> {
  const expirationTtl = Math.ceil(Math.max(KV_LIMITS.lifeMs, keepMs) / 1000)
  const { value, isWhole } = toValue(kept)
  try {
    await namespace.put(name, value, { expirationTtl, metadata: toStamp(kept) })
    if (!(await isWhole)) throw new Error('the body broke off')
  } catch (error) {
    if (value instanceof ReadableStream) {
      // Of one that was never read the source would be held.
      await value.cancel(error).catch(() => undefined)
      // One that broke off stands there all the same (seen with workerd 1.20261023.1).
      await namespace.delete(name)
    }
    throw error
  }
}

/** What another isolate has written is asked for first: a read costs a tenth of a write. */
async function take(store: Store, offer: KvOffer, nowMs: number): Promise<void> {
  const { memory } = store
  if (isAsNew(await standingAt(store, offer.name, nowMs), offer.kept)) return
  await takeVariants(store, offer, nowMs)
  const kept = await offer.load()
  if (!kept) return
  await write(store, offer.name, { kept, keepMs: offer.keepMs })
  memory.standings.kv.puts += 1
  learn(memory, offer.name, { stands: toStamp(kept), knownAtMs: nowMs })
}

async function takeVariants(
  store: Store,
  { variants, keepMs }: KvOffer,
  nowMs: number,
): Promise<void> {
  if (!variants) return
  const { name, kept } = variants
  if (!admits(store.memory, { name, kept, keepMs, hits: 0 }, nowMs)) return
  learn(store.memory, name, { stands: toStamp(kept), knownAtMs: nowMs, writtenAtMs: nowMs })
  await write(store, name, { kept, keepMs })
}

async function clear(store: Store, name: string, nowMs: number): Promise<void> {
  if ((await standingAt(store, name, nowMs)) === undefined) return
  await store.namespace.delete(name)
  learn(store.memory, name, { stands: undefined, knownAtMs: nowMs })
}

/** What stands under a name, as far as it is known, or else by asking. */
async function standingAt(store: Store, name: string, nowMs: number): Promise<KvStamp | undefined> {
  const { memory } = store
  if (isKnown(memory, name, nowMs)) return memory.known.get(name)?.stands
  const stands = await readStamp(store, name)
  learn(memory, name, { stands, knownAtMs: nowMs })
  return stands
}

async function readStamp({ namespace }: Store, name: string): Promise<KvStamp | undefined> {
  const { value, metadata } = await namespace.getWithMetadata(name, {
    type: 'stream',
    cacheTtl: CACHE_TTL,
  })
  await value?.cancel()
  return isStamp(metadata) ? metadata : undefined
}

function isStamp(value: unknown): value is KvStamp {
  return (
    typeof value === 'object' &&
    value !== null &&
    'atMs' in value &&
    typeof value.atMs === 'number' &&
    'vary' in value &&
    typeof value.vary === 'string'
  )
}
