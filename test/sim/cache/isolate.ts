import { createMemory, type Memory } from '../../../src/cache/memory.ts'
import { judgeReuse } from '../../../src/cache/policy/reuse.ts'
import type { Stored } from '../../../src/cache/policy/stored.ts'
import { keepResident, residentFor } from '../../../src/cache/residence.ts'
import type { ResidentAnswer } from '../../../src/cache/resident.ts'
import { createTierMemory, type TierMemory } from '../../../src/cache/tier-memory.ts'

/** What an isolate, or the object of a shield, has in memory: the real thing. */
export interface ModelIsolate {
  readonly memory: Memory
  readonly tiers: TierMemory
  readonly endsAtMs: number
}

const PLAIN = { method: 'GET', header: () => undefined }

/** An isolate that has just begun. */
export function createModelIsolate(bytes: number, endsAtMs: number): ModelIsolate {
  const memory = createMemory({ bytes, objectBytes: 131_072 })
  return { memory, tiers: createTierMemory(), endsAtMs }
}

/** What it has under a key, counted as a use of it. */
export function recallIn({ memory }: ModelIsolate, key: string): ResidentAnswer | undefined {
  return residentFor(memory, key, PLAIN)
}

/** Keeps an answer, if it is small enough. */
export function keepIn({ memory }: ModelIsolate, head: Stored): boolean {
  // Its bytes are counted and not there: a body of gigabytes takes nothing.
  const body = { byteLength: head.bodyBytes ?? 0 } as ArrayBuffer
  return keepResident(memory, { key: head.key, variants: undefined }, { head, body }) !== undefined
}

/** What use the policy makes of an answer, if any. */
export function useOf(head: Stored, nowMs: number): 'fresh' | 'stale' | undefined {
  const moment = { nowMs, respectNoCache: false, situation: 'well', purge: 'none' } as const
  const { type } = judgeReuse(head, PLAIN, moment)
  return type === 'fresh' || type === 'stale' ? type : undefined
}
