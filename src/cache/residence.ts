import { forget, type Memory, peek, recall, remember } from './memory.ts'
import type { ResidentAnswer } from './resident.ts'
import type { CacheRequest } from './policy/message.ts'
import { variantText } from './policy/selection.ts'
import { STORED_FORMAT, type Stored, type Variants } from './policy/stored.ts'

/** How many answers of one key that vary are kept in memory: the oldest leaves. */
const MOST_VARIANTS = 32

/** How many headers the answers of one key are told apart by: twice what one of them may name. */
const MOST_NAMES = 32

/** Where the answer to a request stands, or would. */
export interface Place {
  /** The key, with the values that the answer varies by where its key has variants. */
  readonly key: string
  /** What is known of the variants of the key. */
  readonly variants: Variants | undefined
}

/** The place of a request by what is known of the variants of its key. */
export function placeIn(memory: Memory, key: string, request: CacheRequest): Place {
  const resident = peek(memory, key)
  return resident?.type === 'variants'
    ? toPlace(key, resident.head, request)
    : { key, variants: undefined }
}

/** The place of a request among variants. */
export function toPlace(key: string, variants: Variants, request: CacheRequest): Place {
  return { key: toVariantKey(key, variants.vary, request), variants }
}

/** No key has a line that begins so: what is any text there stands behind its length. */
function toVariantKey(key: string, vary: readonly string[], request: CacheRequest): string {
  return `${key}\nvary ${variantText(request, vary)}`
}

/** The answer that memory has for a request: the one of its key, or the variant that fits. */
export function residentFor(
  memory: Memory,
  key: string,
  request: CacheRequest,
): ResidentAnswer | undefined {
  const resident = recall(memory, key)
  if (resident === undefined || resident.type === 'answer') return resident
  const { vary, sinceMs } = resident.head
  const variant = recall(memory, toVariantKey(key, vary, request))
  return variant?.type === 'answer' && variant.head.requestedAtMs > sinceMs ? variant : undefined
}

/**
 * The place for an answer that varies by these headers. Where that is news for its key, memory knows it from now on: by
 * all that any answer of the key has varied by, so that none is given to a request that another one would fit.
 */
export function placeFor(memory: Memory, { key, request, vary }: Placing): Place {
  const resident = peek(memory, key)
  const known = resident?.type === 'variants' ? resident.head : undefined
  if (vary.length === 0 && known === undefined) return { key, variants: undefined }
  const all = namesOf(known?.vary ?? [], vary)
  const isNews = known === undefined || all.join() !== known.vary.join()
  const variants: Variants = isNews
    ? { format: STORED_FORMAT, key, vary: all, sinceMs: known?.sinceMs ?? 0 }
    : known
  if (isNews) knowVariants(memory, variants)
  return toPlace(key, variants, request)
}

/** All names together; the new ones alone where an origin names others each time, so that they do not pile up. */
function namesOf(known: readonly string[], vary: readonly string[]): readonly string[] {
  const all = new Set([...known, ...vary])
  return [...(all.size <= MOST_NAMES ? all : vary)].toSorted()
}

/** What an answer is placed by. */
export interface Placing {
  /** Of the request, without variants. */
  readonly key: string
  readonly request: CacheRequest
  readonly vary: readonly string[]
}

/** Notes by what the answers of a key vary. */
export function knowVariants(memory: Memory, head: Variants): void {
  const resident = peek(memory, head.key)
  const names = resident?.type === 'variants' ? resident.names : new Set<string>()
  remember(memory, head.key, { type: 'variants', head, names })
}

/** Keeps an answer in memory, if it is small enough. */
export function keepResident(
  memory: Memory,
  { key, variants }: Place,
  { head, body }: { readonly head: Stored; readonly body: ArrayBuffer | null },
): ResidentAnswer | undefined {
  const resident: ResidentAnswer = {
    type: 'answer',
    head: compact(key, head),
    body,
    asOf: head.asOf,
    hits: 0,
  }
  if (!remember(memory, key, resident)) return undefined
  if (variants) boundVariants(memory, variants.key, key)
  return resident
}

/**
 * The same head, with the parts of its URL cut out of its key. They were cut out of the URL of a request, which V8 keeps
 * whole as long as any part of it, with all that the key leaves out. And the key is there once: what came from another
 * tier brought its own.
 */
function compact(key: string, head: Stored): Stored {
  return {
    ...head,
    ...(head.key === key && { key }),
    path: cutOf(key, head.path),
    query: cutOf(key, head.query),
  }
}

function cutOf(key: string, text: string): string {
  const at = key.indexOf(text)
  return at === -1 ? text : key.slice(at, at + text.length)
}

function boundVariants(memory: Memory, key: string, variant: string): void {
  const marker = peek(memory, key)
  if (marker?.type !== 'variants') return
  const names = new Set(marker.names)
  names.delete(variant)
  names.add(variant)
  for (const oldest of names) {
    if (names.size <= MOST_VARIANTS) break
    names.delete(oldest)
    forget(memory, oldest)
  }
  // Anew, so that what its names take is counted.
  remember(memory, key, { ...marker, names })
}
