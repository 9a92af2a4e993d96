import { type Colo, openColo } from './colo.ts'
import { type Kv, openKv } from './kv.ts'
import type { TierMemory } from './tier-memory.ts'

/** The places beyond the isolate. */
export interface Tiers {
  readonly colo: Colo
  readonly kv: Kv
}

/** What the platform gives. */
export interface TierPlaces {
  readonly storage: CacheStorage
  readonly namespace: KVNamespace
  /** Of the key, so that all hosts that share it share the copy. */
  readonly host: string
}

/** The tiers for one request: cheap to open. */
export function openTiers({ storage, namespace, host }: TierPlaces, memory: TierMemory): Tiers {
  return { colo: openColo(storage, host), kv: openKv(namespace, memory) }
}
