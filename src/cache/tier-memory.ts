import type { Tier } from './tier.ts'

/** How a tier has answered this isolate. */
export interface TierStanding {
  hits: number
  misses: number
  /** Looked up too long, or with an error. */
  failures: number
  /** Passed over after several failures in a row. */
  skipped: number
  puts: number
  failedPuts: number
  failuresInRow: number
  skippedUntilMs: number
}

/** By what of two values under one name the newer is known: when it was received, and what it varies by. */
export interface KvStamp {
  readonly atMs: number
  readonly vary: string
}

/** What this isolate knows of one name in KV. */
export interface KvKnowledge {
  /** What stands there; `undefined` where nothing does. */
  readonly stands: KvStamp | undefined
  /** When this was seen or written. */
  readonly knownAtMs: number
  /** When this isolate last wrote there; 0 where it never has. */
  readonly writtenAtMs: number
  /** Uses of what stands in the data centre, which the memory of the isolate does not hold. */
  readonly hits: number
}

/** What an isolate keeps of the tiers beyond it. */
export interface TierMemory {
  readonly standings: Readonly<Record<Tier['id'], TierStanding>>
  /** By name, the one that was touched last at the end. */
  readonly known: Map<string, KvKnowledge>
  /** Writes to KV of what was just filled, in this second since the epoch. */
  readonly firstWrites: { second: number; count: number }
}

/** Nothing looked up yet. */
export function createTierMemory(): TierMemory {
  return {
    standings: { colo: createStanding(), kv: createStanding() },
    known: new Map(),
    firstWrites: { second: 0, count: 0 },
  }
}

function createStanding(): TierStanding {
  return {
    hits: 0,
    misses: 0,
    failures: 0,
    skipped: 0,
    puts: 0,
    failedPuts: 0,
    failuresInRow: 0,
    skippedUntilMs: 0,
  }
}
