import { KV_LIMITS } from '../../../src/cache/kv-admission.ts'
import { keepMsOf } from '../../../src/cache/policy/storage.ts'
import type { ResidentAnswer } from '../../../src/cache/resident.ts'
import type { Stored } from '../../../src/cache/policy/stored.ts'
import { Chance } from '../chance.ts'
import { createModelIsolate, keepIn, type ModelIsolate, recallIn, useOf } from './isolate.ts'
import { keyOf, ModelOrigin } from './origin.ts'
import { ModelKv } from './store.ts'
import { createRanks, type Trace } from './trace.ts'

/** Where the requests arrive, and what there is. */
export interface Layout {
  readonly colos: number
  readonly isolatesPerColo: number
  /** The share of all bytes that the memory of one isolate has room for. */
  readonly memoryShare: number
  readonly isolateMinutes: number
  readonly hasShield: boolean
}

/** Four data centres of three isolates each, of which one lasts half an hour. */
export const LAYOUT: Layout = {
  colos: 4,
  isolatesPerColo: 3,
  memoryShare: 0.1,
  isolateMinutes: 30,
  hasShield: false,
}

/** Every request is counted once: by the tier that served it, or as one that waited for the origin. */
export interface Tally {
  readonly requests: number
  readonly memory: number
  readonly colo: number
  readonly kv: number
  readonly shield: number
  readonly origin: number
  /** All that the origin was asked, what nobody waited for included. */
  readonly originRequests: number
  readonly kvReads: number
  readonly kvWrites: number
  readonly shieldCalls: number
}

type Server = 'memory' | 'colo' | 'kv' | 'shield' | 'origin'

interface Arrival {
  readonly isolate: ModelIsolate
  readonly colo: number
  readonly object: number
  readonly nowMs: number
}

const BEGIN_MS = 1_800_000_000_000

/** Objects of shields, each with the memory of an isolate (`settings.cache.shields`). */
const SHIELDS = 8

/**
 * Plays a trace. Memory, policy and admission to KV are the real ones; the Cache API (which loses nothing here), KV,
 * the shield and the origin are models.
 */
export function playTrace(trace: Trace, layout: Layout, seed: number): Tally {
  return new CacheWorld(trace, layout, new Chance(seed)).play()
}

class CacheWorld {
  private readonly trace: Trace
  private readonly layout: Layout
  private readonly chance: Chance
  private readonly origin: ModelOrigin
  private readonly kv: ModelKv
  private readonly colos: readonly Map<string, Stored>[]
  private readonly isolates: ModelIsolate[]
  private readonly shield: ModelIsolate
  private readonly served = { memory: 0, colo: 0, kv: 0, shield: 0, origin: 0 }
  private shieldCalls = 0

  constructor(trace: Trace, layout: Layout, chance: Chance) {
    this.trace = trace
    this.layout = layout
    this.chance = chance
    this.origin = new ModelOrigin(trace, chance)
    this.kv = new ModelKv(chance)
    this.colos = Array.from({ length: layout.colos }, () => new Map())
    const count = layout.colos * layout.isolatesPerColo
    this.isolates = Array.from({ length: count }, () => this.createIsolate(BEGIN_MS))
    this.shield = createModelIsolate(this.memoryBytes * SHIELDS, Infinity)
  }

  play(): Tally {
    const { trace, chance, served, kv } = this
    const draw = createRanks(trace, chance)
    const requests = trace.requestsPerSecond * trace.seconds
    let nowMs = BEGIN_MS
    for (let made = 0; made < requests; made += 1) {
      nowMs += (-Math.log(1 - chance.draw()) * 1000) / trace.requestsPerSecond
      served[this.serve(this.arrive(draw(), Math.floor(nowMs)))] += 1
    }
    const { requests: originRequests } = this.origin
    const { shieldCalls } = this
    const { reads: kvReads, writes: kvWrites } = kv
    return { requests, ...served, originRequests, kvReads, kvWrites, shieldCalls }
  }

  /** Half of all readers are near the first data centre, half of the rest near the second, and so on. */
  private arrive(object: number, nowMs: number): Arrival {
    const { colos, isolatesPerColo } = this.layout
    const colo = Math.min(colos - 1, Math.floor(-Math.log2(1 - this.chance.draw())))
    const at = colo * isolatesPerColo + this.chance.whole(0, isolatesPerColo - 1)
    const known = this.isolates[at]
    const isolate = known && nowMs < known.endsAtMs ? known : this.createIsolate(nowMs)
    this.isolates[at] = isolate
    return { isolate, colo, object, nowMs }
  }

  private serve(arrival: Arrival): Server {
    const { isolate, colo, object, nowMs } = arrival
    if (this.chance.has(this.trace.privateShare)) {
      this.origin.ask(object, nowMs)
      return 'origin'
    }
    const key = keyOf(object)
    const resident = recallIn(isolate, key)
    if (resident && this.use(arrival, resident.head)) {
      if (!this.layout.hasShield) this.countUse(arrival, isolate, resident)
      return 'memory'
    }
    const near = this.colos[colo]?.get(key)
    if (near && this.use(arrival, near)) {
      if (!keepIn(isolate, near)) this.offer(arrival, isolate, { head: near, hits: 1 })
      return 'colo'
    }
    // As the engine does: what was last kept here tells whether KV would take such answers at all.
    const isForKv = (resident?.head.freshMs ?? Infinity) >= KV_LIMITS.freshMs
    const far = isForKv ? this.kv.read(colo, key, nowMs) : undefined
    if (far && this.use(arrival, far)) {
      this.colos[colo]?.set(key, far)
      keepIn(isolate, far)
      return 'kv'
    }
    return this.fetch(arrival)
  }

  /** Whether an answer can be given. What is stale is fetched anew after it. */
  private use(arrival: Arrival, head: Stored): boolean {
    const use = useOf(head, arrival.nowMs)
    if (use === 'stale') this.fetch(arrival)
    return use !== undefined
  }

  /** From the shield or the origin, into every tier on the way. */
  private fetch(arrival: Arrival): 'shield' | 'origin' {
    const { isolate, colo, object, nowMs } = arrival
    const { hasShield } = this.layout
    const kept = hasShield ? this.askShield(arrival) : undefined
    const head = kept ?? this.origin.ask(object, nowMs)
    if (kept === undefined) {
      const writer = hasShield ? this.shield : isolate
      if (hasShield) keepIn(this.shield, head)
      this.offer(arrival, writer, { head, hits: 0 })
    }
    this.colos[colo]?.set(head.key, head)
    keepIn(isolate, head)
    return kept ? 'shield' : 'origin'
  }

  private askShield(arrival: Arrival): Stored | undefined {
    this.shieldCalls += 1
    const resident = recallIn(this.shield, keyOf(arrival.object))
    if (resident === undefined || useOf(resident.head, arrival.nowMs) !== 'fresh') return undefined
    this.countUse(arrival, this.shield, resident)
    return resident.head
  }

  /** The second use of what is in memory shows that others may want it. */
  private countUse(arrival: Arrival, isolate: ModelIsolate, resident: ResidentAnswer): void {
    resident.hits += 1
    if (resident.hits === 2) this.offer(arrival, isolate, { head: resident.head, hits: 2 })
  }

  private offer({ colo, nowMs }: Arrival, isolate: ModelIsolate, { head, hits }: Offered): void {
    const keepMs = keepMsOf(head) - (nowMs - head.receivedAtMs)
    const candidate = { name: head.key, kept: { type: 'answer', head } as const, keepMs, hits }
    this.kv.offer(colo, isolate.tiers, { candidate, nowMs })
  }

  private createIsolate(nowMs: number): ModelIsolate {
    const lifeMs = -Math.log(1 - this.chance.draw()) * this.layout.isolateMinutes * 60_000
    return createModelIsolate(this.memoryBytes, nowMs + lifeMs)
  }

  private get memoryBytes(): number {
    return this.origin.bytes * this.layout.memoryShare
  }
}

interface Offered {
  readonly head: Stored
  readonly hits: number
}
