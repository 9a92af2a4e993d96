import type { Decision, SteerDecision } from '../../../src/core/decision.ts'
import { compile } from '../../../src/core/compile.ts'
import { decide } from '../../../src/core/decide.ts'
import type { Snapshot } from '../../../src/core/snapshot.ts'
import { beginDispatch, hasNews, settleDispatch } from '../../../src/proxy/dispatch.ts'
import { createLedger, type Ledger } from '../../../src/proxy/ledger.ts'
import { countShares } from '../../../src/proxy/share-counts.ts'
import { count } from '../../../src/proxy/tally.ts'
import type { Bond } from '../../../src/schema/bond.ts'
import type { AuthoredConfig } from '../../../src/schema/config.ts'
import type { RequestFacts } from '../../../src/schema/facts.ts'
import type { Measure } from '../../../src/schema/report.ts'
import { SNAPSHOT_FORMAT, type SnapshotDocument } from '../../../src/schema/snapshot.ts'
import { toPublished } from '../../../src/state/traffic/leaving.ts'
import {
  addShares,
  countTraffic,
  initialTraffic,
  measureTraffic,
  type Traffic,
} from '../../../src/state/health/traffic.ts'
import { add } from '../../../src/state/latency.ts'
import { factsOf } from '../../support/builders.ts'
import { entryOf, World } from './world.ts'

/** Draws that a seed repeats (mulberry32). */
export function drawsOf(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** A client with what it carries. */
export interface Client {
  facts: RequestFacts
  bond: Bond | undefined
  /** Where its last request went. */
  at: string | undefined
}

/** An isolate: the snapshot that it has heard of, and what it counted. */
interface Isolate {
  readonly delayMs: number
  snapshot: Snapshot
  ledger: Ledger
}

/** What a world is made of. */
export interface Population {
  readonly seed: number
  readonly clients: number
  readonly perSecond: number
  /** How many of the requests come from clients that nobody has seen before, 0 to 1. */
  readonly newcomers: number
}

/** How one origin did since it was last asked for. */
export interface Flow {
  natural: number
  taken: number
}

/** The control machine, and objects of origins that count what real isolates with real clients report. */
export class BondWorld extends World {
  readonly clients: Client[] = []
  private readonly documents: { readonly atMs: number; readonly document: SnapshotDocument }[] = []
  private readonly isolates: Isolate[] = []
  private readonly traffics = new Map<string, Traffic>()
  private readonly population: Population
  private readonly draw: () => number
  private born = 0
  private flows = new Map<string, Flow>()

  constructor(authored: AuthoredConfig, population: Population) {
    super(authored)
    this.population = population
    this.draw = drawsOf(population.seed)
    this.publish()
    for (let at = 0; at < 4; at += 1) {
      const snapshot = this.newest()
      const delayMs = 500 + this.draw() * 4000
      this.isolates.push({ delayMs, snapshot, ledger: createLedger(snapshot) })
    }
    for (let at = 0; at < population.clients; at += 1) this.clients.push(this.newcomer())
  }

  /** Second by second: alarms ring, isolates hear of news, clients come, and every two seconds it is reported. */
  live(seconds: number, watch?: (client: Client, decision: Decision) => void): void {
    for (let second = 0; second < seconds; second += 1) {
      this.pass(1000)
      this.publish()
      for (const isolate of this.isolates) this.hear(isolate)
      for (let at = 0; at < this.population.perSecond; at += 1) this.request(watch)
      if (this.nowMs % 2000 === 0) for (const isolate of this.isolates) this.flush(isolate)
    }
  }

  /** What went to some origins since it began to count, and what would have gone there with their whole shares. */
  flow(origins: readonly string[]): Flow {
    const flows = origins.map((origin) => this.flowOf(origin))
    return {
      natural: flows.reduce((sum, { natural }) => sum + natural, 0),
      taken: flows.reduce((sum, { taken }) => sum + taken, 0),
    }
  }

  /** Begins to count anew. */
  reset(): void {
    this.flows = new Map()
  }

  protected override measure(origins: readonly string[], sinceMs: number): Measure {
    let all: Measure = { requests: 0, failures: 0, errors: 0, latencies: {} }
    for (const origin of origins) {
      const traffic = this.traffics.get(origin) ?? initialTraffic
      const each = measureTraffic(traffic, sinceMs, this.nowMs)
      const shares = addShares(all.shares, each.shares)
      all = {
        requests: all.requests + each.requests,
        failures: all.failures + each.failures,
        errors: all.errors + each.errors,
        latencies: add(all.latencies, each.latencies),
        ...(shares && { shares }),
      }
    }
    return all
  }

  private publish(): void {
    const { log, conditions, leaving, leavingSince } = this.state
    if (this.documents.at(-1)?.document.generation === log.generation) return
    const document: SnapshotDocument = {
      format: SNAPSHOT_FORMAT,
      revision: log.current,
      form: `${log.form}+${leavingSince}`,
      generation: log.generation,
      publishedAtMs: this.nowMs,
      config: toPublished(entryOf(this.authored()).config, leaving),
      conditions,
    }
    this.documents.push({ atMs: this.nowMs, document })
  }

  private newest(): Snapshot {
    const last = this.documents.at(-1)
    if (last === undefined) throw new Error('nothing was published')
    return compile(last.document)
  }

  private hear(isolate: Isolate): void {
    const known = isolate.snapshot.generation
    const heard = this.documents.findLast(({ atMs }) => atMs <= this.nowMs - isolate.delayMs)
    if (heard === undefined || heard.document.generation <= known) return
    isolate.snapshot = compile(heard.document, isolate.snapshot)
    isolate.ledger = createLedger(isolate.snapshot, isolate.ledger)
  }

  private newcomer(): Client {
    this.born += 1
    const ip = [10, this.born >> 16, (this.born >> 8) & 255, this.born & 255].join('.')
    const client = { ip }
    return { facts: factsOf({ client }), bond: undefined, at: undefined }
  }

  private request(watch?: (client: Client, decision: Decision) => void): void {
    const { clients, newcomers } = this.population
    const place = Math.floor(this.draw() * clients)
    if (this.draw() < newcomers) this.clients[place] = this.newcomer()
    const client = this.clients[place]
    const isolate = this.isolates[Math.floor(this.draw() * this.isolates.length)]
    if (client === undefined || isolate === undefined) return
    const { bond } = client
    const facts = { ...client.facts, nowMs: this.nowMs, random: this.draw(), ...(bond && { bond }) }
    const decision = decide(facts, isolate.snapshot, isolate.ledger)
    watch?.(client, decision)
    if (decision.type === 'steer') this.serve(client, isolate, decision)
  }

  private serve(client: Client, { ledger }: Isolate, decision: SteerDecision): void {
    const [origin] = decision.attempts
    const record = origin && ledger.origins[origin.index]
    if (record === undefined || origin === undefined) return
    countShares(ledger, decision)
    count(record.tally, 'success', 20)
    client.at = origin.id
    if (decision.affinity?.binds === true && client.bond?.origin !== origin.id) {
      client.bond = { origin: origin.id, boundAtMs: this.nowMs }
    }
    this.flowOf(origin.id).taken += 1
    if (decision.natural) this.flowOf(decision.natural.id).natural += 1
  }

  private flowOf(origin: string): Flow {
    const known = this.flows.get(origin)
    if (known) return known
    const flow = { natural: 0, taken: 0 }
    this.flows.set(origin, flow)
    return flow
  }

  private flush({ ledger, snapshot }: Isolate): void {
    for (const { index, id, pool } of snapshot.origins) {
      const record = ledger.origins[index]
      if (!record || !hasNews(record)) continue
      const sender = { isolate: 'i', pool, nextSequence: () => 1 }
      const report = beginDispatch(record, sender, this.nowMs)
      settleDispatch(record.dispatch, 0)
      const known = this.traffics.get(id) ?? initialTraffic
      this.traffics.set(id, countTraffic(known, report, this.nowMs))
    }
  }
}
