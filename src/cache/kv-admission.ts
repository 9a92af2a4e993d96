import type { KeptHead } from './envelope.ts'
import type { KvKnowledge, KvStamp, TierMemory } from './tier-memory.ts'

/** What of the answers goes to KV: a write costs ten reads, and a key takes one write a second of the whole world. */
export const KV_LIMITS = {
  /** Workers KV limits: the value with the head before it. */
  valueBytes: 26_214_400,
  /** The least of `expirationTtl`. */
  lifeMs: 60_000,
  /** A write is seen elsewhere after up to a minute: what is not fresh by then was written for nothing. */
  freshMs: 60_000,
  /** What is fresh so long goes in at once, anything else at its second use. */
  longMs: 3_600_000,
  hits: 2,
  /** Writes of what was just filled in one second of an isolate: made-up URLs are not to be paid for one by one. */
  firstWritesPerSecond: 10,
  /** Between two writes of this isolate under one name. */
  gapMs: 60_000,
  /** How long it is believed what was seen to stand there, which is also `cacheTtl` of the reads. */
  knownMs: 30_000,
  /** Names remembered in an isolate; the one that was not touched longest goes first. */
  names: 8192,
} as const

/** An answer that may be worth a write. */
export interface KvCandidate {
  readonly name: string
  readonly kept: KeptHead
  /** How long it is to be kept, from now on. */
  readonly keepMs: number
  /** Uses since it was filled: 0 when it was just filled, 1 for one of which the caller counts nothing. */
  readonly hits: number
}

/** Whether to write it, if nothing as new stands there. Counts the use. */
export function admits(memory: TierMemory, candidate: KvCandidate, nowMs: number): boolean {
  const { name, kept, keepMs } = candidate
  const known = memory.known.get(name) ?? UNKNOWN
  const hits = candidate.hits === 1 ? known.hits + 1 : candidate.hits
  if (candidate.hits === 1) learn(memory, name, { hits })
  if (keepMs < KV_LIMITS.lifeMs || !isWanted(kept, hits, nowMs)) return false
  if (isWithin(KV_LIMITS.gapMs, known.writtenAtMs, nowMs)) return false
  if (isKnown(memory, name, nowMs) && isAsNew(known.stands, kept)) return false
  return hits >= KV_LIMITS.hits || kept.type === 'variants' || takeFirstWrite(memory, nowMs)
}

function takeFirstWrite(memory: TierMemory, nowMs: number): boolean {
  const { firstWrites } = memory
  const second = Math.floor(nowMs / 1000)
  if (firstWrites.second !== second) Object.assign(firstWrites, { second, count: 0 })
  if (firstWrites.count >= KV_LIMITS.firstWritesPerSecond) return false
  firstWrites.count += 1
  return true
}

/** Whether it is known what stands there. */
export function isKnown(memory: TierMemory, name: string, nowMs: number): boolean {
  const known = memory.known.get(name)
  return known !== undefined && isWithin(KV_LIMITS.knownMs, known.knownAtMs, nowMs)
}

/** Whether what stands there makes it needless to write this one. */
export function isAsNew(stands: KvStamp | undefined, kept: KeptHead): boolean {
  const { atMs, vary } = toStamp(kept)
  return stands !== undefined && stands.atMs >= atMs && stands.vary === vary
}

/** The metadata of a value, of which there may be 1024 bytes. */
export function toStamp({ type, head }: KeptHead): KvStamp {
  const atMs = type === 'answer' ? head.receivedAtMs : head.sinceMs
  return { atMs, vary: head.vary.join().slice(0, MOST_VARY) }
}

const MOST_VARY = 512

/** Notes what is known of a name. */
export function learn(memory: TierMemory, name: string, news: Partial<KvKnowledge>): void {
  const { known } = memory
  const next = { ...(known.get(name) ?? UNKNOWN), ...news }
  known.delete(name)
  known.set(name, next)
  if (known.size <= KV_LIMITS.names) return
  const [oldest] = known.keys()
  if (oldest !== undefined) known.delete(oldest)
}

const UNKNOWN: KvKnowledge = { stands: undefined, knownAtMs: 0, writtenAtMs: 0, hits: 0 }

function isWanted({ type, head }: KeptHead, hits: number, nowMs: number): boolean {
  // Only ever together with an answer that is.
  if (type === 'variants') return true
  if (head.isValidatedAlways || (head.bodyBytes ?? 0) > KV_LIMITS.valueBytes) return false
  const leftMs = head.freshMs - head.initialAgeMs - (nowMs - head.receivedAtMs)
  if (leftMs < KV_LIMITS.freshMs) return false
  return hits >= KV_LIMITS.hits || leftMs >= KV_LIMITS.longMs
}

/** Distance, not order: the clock may jump back. */
function isWithin(ms: number, atMs: number, nowMs: number): boolean {
  return Math.abs(nowMs - atMs) < ms
}
