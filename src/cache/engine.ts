import type { CacheSettings } from '../schema/cache.ts'
import DEFAULTS from '../schema/defaults.json' with { type: 'json' }
import { type CacheCounts, createCounts } from './counts.ts'
import { createFlights, type Flights } from './flight.ts'
import { createGivenHeads, type GivenHeads } from './given-heads.ts'
import { createHitForMiss, type HitForMiss } from './hit-for-miss.ts'
import { createInvalidations, type Invalidations } from './invalidations.ts'
import { createMemory, type Memory } from './memory.ts'
import type { Stored } from './policy/stored.ts'
import { createShieldMemory, type ShieldMemory } from './shield.ts'
import { createTierMemory, type TierMemory } from './tier-memory.ts'
import { createOutages, type Outages } from './outages.ts'

/** All that the cache of an isolate knows. */
export interface Engine {
  readonly memory: Memory
  readonly flights: Flights
  readonly marks: HitForMiss
  readonly invalidations: Invalidations
  /** Answers in memory that an unsafe request has changed: asked about before they are used, for as long as they stand. */
  readonly voided: WeakSet<Stored>
  readonly outages: Outages
  readonly shields: ShieldMemory
  readonly tiers: TierMemory
  readonly given: GivenHeads
  readonly counts: CacheCounts
}

/** An empty one, bounded as if nothing were said. */
export function createEngine(): Engine {
  return {
    memory: createMemory(toBounds(DEFAULTS.settings.cache)),
    flights: createFlights(),
    marks: createHitForMiss(),
    invalidations: createInvalidations(),
    voided: new WeakSet(),
    outages: createOutages(),
    shields: createShieldMemory(),
    tiers: createTierMemory(),
    given: createGivenHeads(),
    counts: createCounts(),
  }
}

/** What the settings say of memory. */
export function toBounds({ memoryBytes, memoryObjectBytes }: CacheSettings): Memory['bounds'] {
  return { bytes: memoryBytes, objectBytes: memoryObjectBytes }
}
