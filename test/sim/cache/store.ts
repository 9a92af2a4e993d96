import {
  admits,
  isAsNew,
  isKnown,
  type KvCandidate,
  learn,
  toStamp,
} from '../../../src/cache/kv-admission.ts'
import type { Stored } from '../../../src/cache/policy/stored.ts'
import type { TierMemory } from '../../../src/cache/tier-memory.ts'
import type { Chance } from '../chance.ts'

/** A write is seen elsewhere after up to this long (Workers KV, "How KV works"). */
const VISIBLE_MS = 60_000

/** How long a data centre believes what it has read, that there is nothing included: `cacheTtl`. */
const BELIEVED_MS = 30_000

interface Written {
  readonly head: Stored
  readonly colo: number
  readonly atMs: number
  readonly seenAtMs: number
}

/** Workers KV as all data centres share it: late to be seen elsewhere, and billed by the call. */
export class ModelKv {
  reads = 0
  writes = 0
  private readonly values = new Map<string, { now: Written; before: Written | undefined }>()
  private readonly believed = new Map<string, { head: Stored | undefined; untilMs: number }>()
  private readonly chance: Chance

  constructor(chance: Chance) {
    this.chance = chance
  }

  read(colo: number, name: string, nowMs: number): Stored | undefined {
    this.reads += 1
    const at = `${colo} ${name}`
    const known = this.believed.get(at)
    if (known && nowMs < known.untilMs) return known.head
    const head = this.seenFrom(colo, name, nowMs)?.head
    this.believed.set(at, { head, untilMs: nowMs + BELIEVED_MS })
    return head
  }

  write(colo: number, head: Stored, nowMs: number): void {
    this.writes += 1
    const seenAtMs = nowMs + this.chance.between(0, VISIBLE_MS)
    const now = { head, colo, atMs: nowMs, seenAtMs }
    this.values.set(head.key, { now, before: this.values.get(head.key)?.now })
  }

  /** As the isolate offers it: admitted by its own rules, read before it is written. */
  offer(colo: number, memory: TierMemory, { candidate, nowMs }: Offer): void {
    if (!admits(memory, candidate, nowMs)) return
    const { name, kept } = candidate
    learn(memory, name, { writtenAtMs: nowMs, hits: 0 })
    if (!isKnown(memory, name, nowMs)) {
      const head = this.read(colo, name, nowMs)
      learn(memory, name, { stands: head && toStamp({ type: 'answer', head }), knownAtMs: nowMs })
    }
    if (isAsNew(memory.known.get(name)?.stands, kept) || kept.type !== 'answer') return
    this.write(colo, kept.head, nowMs)
    learn(memory, name, { stands: toStamp(kept), knownAtMs: nowMs })
  }

  private seenFrom(colo: number, name: string, nowMs: number): Written | undefined {
    const value = this.values.get(name)
    if (value === undefined) return undefined
    const isSeen = value.now.colo === colo || nowMs >= value.now.seenAtMs
    return isSeen ? value.now : value.before
  }
}

/** What is offered, and when. */
export interface Offer {
  readonly candidate: KvCandidate
  readonly nowMs: number
}
