import { decide } from '../../src/core/decide.ts'
import type { Decision } from '../../src/core/decision.ts'
import type { CompiledOrigin, Snapshot } from '../../src/core/snapshot.ts'
import type { Config } from '../../src/schema/config.ts'
import type { RequestFacts } from '../../src/schema/facts.ts'
import type { SnapshotNews } from '../../src/schema/snapshot.ts'
import {
  beginDispatch,
  isDispatchDue,
  missDispatch,
  pauseOf,
  settleDispatch,
} from '../../src/proxy/dispatch.ts'
import { createLedger, type Ledger, noteResult, tidyLedger } from '../../src/proxy/ledger.ts'
import { type Holding, supersedes, takeNews } from '../../src/proxy/news.ts'
import { closeAttempt, openAttempt, type OriginRecord } from '../../src/proxy/origin-record.ts'
import { watchedPools } from '../../src/proxy/pool-sets.ts'
import { openTrial } from '../../src/proxy/trial.ts'
import type { Ground } from './ground.ts'
import type { Peers } from './peers.ts'

/** What a data centre hands from isolate to isolate: the newest snapshot it knows, believed for three seconds. */
export interface Colo {
  news: SnapshotNews | undefined
  config: Config | undefined
  atMs: number
}

/** Who looks at what an edge takes and decides. */
export interface EdgeWatch {
  took(edge: Edge, snapshot: Snapshot, before: Snapshot | undefined): void
  decided(edge: Edge, decision: Decision, facts: RequestFacts): void
}

const PATHS = ['/', '/near', '/spare'] as const

/** One isolate: it looks for snapshots, decides, sends, counts and reports, as `src/proxy` does. */
export class Edge implements Holding {
  readonly name: string
  snapshot: Snapshot | undefined = undefined
  config: Config | undefined = undefined
  ledger: Ledger | undefined
  private watched: ReadonlySet<string> = new Set()
  skewMs: number
  private sequence = 0
  private lives = 0
  private lookedAtMs = -Infinity
  private readonly ground: Ground
  private readonly peers: Peers
  private readonly watch: EdgeWatch
  private readonly colo: Colo

  constructor(name: string, parts: EdgeParts) {
    this.name = name
    this.ground = parts.ground
    this.peers = parts.peers
    this.watch = parts.watch
    this.colo = parts.colo
    this.skewMs = Math.round(this.ground.chance.between(-2000, 2000))
  }

  get clockMs(): number {
    return Math.floor(this.ground.nowMs + this.skewMs)
  }

  jump(ms: number): void {
    this.skewMs += Math.round(ms)
  }

  /** Another isolate takes its place: it has neither a snapshot nor seen anything. */
  reset(): void {
    this.lives += 1
    this.snapshot = undefined
    this.config = undefined
    this.ledger = undefined
    this.sequence = 0
    this.lookedAtMs = -Infinity
  }

  /** Some requests come in, and what follows from time is done. */
  tick(requests: number): void {
    if (Math.abs(this.clockMs - this.lookedAtMs) >= 1500) this.look()
    const { snapshot, ledger } = this
    if (snapshot === undefined || ledger === undefined) return
    tidyLedger(ledger, this.clockMs)
    for (let count = 0; count < requests; count += 1) this.serve(snapshot, ledger)
    const { watched } = this
    for (const { index, pool } of snapshot.origins) {
      const record = ledger.origins[index]
      if (record && isDispatchDue(record, watched.has(pool), this.clockMs)) this.say(record, pool)
    }
  }

  private serve(snapshot: Snapshot, ledger: Ledger): void {
    const facts = this.factsOf()
    const decision = decide(facts, snapshot, ledger)
    this.watch.decided(this, decision, facts)
    if (decision.type !== 'steer') return
    for (const origin of decision.attempts) {
      if (this.attempt(origin, ledger)) return
    }
  }

  private attempt(origin: CompiledOrigin, ledger: Ledger): boolean {
    const record = ledger.origins[origin.index]
    const opened = record && openAttempt(record)
    const trial = record && openTrial(record, this.clockMs)
    const served = this.peers.truth.request(origin.id)
    if (opened) closeAttempt(opened)
    trial?.close()
    const aside = noteResult(ledger, origin, { ...served, nowMs: this.clockMs, trial })
    if (aside && pauseOf(aside.dispatch, this.clockMs) === 0) this.say(aside, origin.pool)
    return served.event === 'success'
  }

  private factsOf(): RequestFacts {
    const { chance } = this.ground
    return {
      method: 'GET',
      scheme: 'https',
      host: 'www.example.com',
      path: chance.pick(PATHS),
      headers: {},
      cookies: {},
      query: {},
      client: { ip: `192.0.2.${chance.whole(1, 254)}` },
      nowMs: this.clockMs,
      random: chance.draw(),
    }
  }

  private say(record: OriginRecord, pool: string): void {
    const { snapshot, ledger, lives } = this
    const compiled = ledger?.poolsById.get(pool)
    if (snapshot === undefined || compiled === undefined) return
    const { outlier, holdDown } = compiled
    const { failureRate, minRequests, window: windowMs } = outlier
    const settings = {
      revision: snapshot.revision,
      passive: { failureRate, minRequests, windowMs },
      holdDown: { baseMs: holdDown.base, maxMs: holdDown.max },
    }
    const isolate = `${this.name}.${lives}`
    const sender = { isolate, pool, settings, nextSequence: () => (this.sequence += 1) }
    const report = beginDispatch(record, sender, this.clockMs)
    this.ground.call({
      from: this.name,
      to: `origin:${record.id}`,
      timeoutMs: 1500,
      act: () => this.peers.origin(record.id).passed(report),
      done: (answer) => {
        if (answer) settleDispatch(record.dispatch, answer.value)
        else missDispatch(record.dispatch, this.clockMs)
      },
    })
  }

  /** Data centre, control object, store: each is asked when the one before it has no answer. */
  private look(): void {
    this.lookedAtMs = this.clockMs
    const { colo, ground, lives } = this
    const { news } = colo
    if (news !== undefined && ground.nowMs - colo.atMs < 3000) {
      if (this.snapshot && !supersedes(news, this.snapshot)) return
      if (this.take({ ...news, ...(colo.config && { config: colo.config }) })) return
    }
    const { generation: after = -1, form = '' } = this.snapshot ?? {}
    ground.call({
      from: this.name,
      to: 'control',
      timeoutMs: 1000,
      act: () => this.peers.control.newsAfter({ after, form }),
      done: (answer) => {
        if (this.lives !== lives) return
        if (answer === undefined) this.lookInStore()
        else if (answer.value !== null) this.takeAndHandOn(answer.value)
        else if (this.snapshot === undefined) this.lookInStore()
        else this.handOn()
      },
    })
  }

  private lookInStore(): void {
    if (this.ground.isCut(this.name, 'kv')) return
    const document = this.peers.store.read()
    if (document) this.takeAndHandOn(document)
  }

  private takeAndHandOn(news: SnapshotNews): void {
    if (this.take(news)) this.handOn(news)
  }

  private handOn(news: SnapshotNews | undefined = this.colo.news): void {
    const { colo, ground, snapshot } = this
    if (news === undefined || news.generation !== snapshot?.generation) return
    colo.news = news
    colo.config = this.config
    colo.atMs = ground.nowMs
  }

  private take(news: SnapshotNews): boolean {
    const { snapshot: before } = this
    if (!takeNews(this, news) || this.snapshot === undefined) return false
    this.ledger = createLedger(this.snapshot, this.ledger)
    this.watched = watchedPools(this.snapshot)
    this.watch.took(this, this.snapshot, before)
    return true
  }
}

/** What an edge is made with. */
export interface EdgeParts {
  readonly ground: Ground
  readonly peers: Peers
  readonly watch: EdgeWatch
  readonly colo: Colo
}
