import type { ProbeRegion } from '../../../src/schema/monitor.ts'
import type { ProbeReport, ProbeResult } from '../../../src/schema/report.ts'
import { failureOf, monitorPlanOf, probeReportOf, resultOf } from '../../support/health.ts'
import { HealthWorld } from '../../support/health-world.ts'

/** How the world is at a moment. */
export interface Truth {
  readonly isUp: boolean
  /** Regions that reach nothing: some of them know it. */
  readonly cutOff: ReadonlySet<ProbeRegion>
}

const REGIONS = ['wnam', 'weur', 'apac'] as const
const INTERVAL_MS = 30_000
const UNHEALTHY_INTERVAL_MS = 5000

/** Chances from a seed (mulberry32). */
export function chancesOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

interface Prober {
  readonly region: ProbeRegion
  readonly skewMs: number
  nextMs: number
  sequence: number
  /** Successes that are wanted until it goes back to its interval. */
  doubt: number
  wasOk: boolean
  results: ProbeResult[]
  dueMs: number
}

interface Delivery {
  readonly atMs: number
  readonly report: ProbeReport
}

/**
 * One origin for a long time: it dies and comes back, regions are cut off, probers lose what they have not sent
 * and have clocks of their own, reports are late, lost or come twice, the object ends whenever it is idle, its
 * clock jumps, and the control object is away at times.
 */
export class Month {
  readonly world: HealthWorld
  truth: Truth = { isUp: true, cutOff: new Set() }
  /** When the truth last changed, or the clock of the object jumped. */
  unsettledAtMs: number
  /** The time that passes outside; the object's clock is `world.nowMs`. */
  nowMs: number
  reports = 0
  restarts = 0
  private readonly chance: () => number
  private readonly probers: readonly Prober[]
  private deliveries: Delivery[] = []
  private nextTroubleMs: number
  private nextTrafficMs: number
  private urged = 0

  constructor(seed: number, { hasTraffic }: { readonly hasTraffic: boolean }) {
    this.chance = chancesOf(seed)
    const monitor = { intervalMs: INTERVAL_MS, timeoutMs: 5000, fall: 3, rise: 3 }
    this.world = new HealthWorld({ monitors: [monitorPlanOf(monitor)] })
    this.nowMs = this.world.nowMs
    this.unsettledAtMs = this.nowMs
    this.nextTroubleMs = this.nowMs + 600_000
    this.nextTrafficMs = hasTraffic ? this.nowMs : Infinity
    this.probers = REGIONS.map((region, at) => ({
      region,
      skewMs: (this.chance() - 0.5) * 7_200_000,
      nextMs: this.nowMs + (at * INTERVAL_MS) / REGIONS.length,
      sequence: 0,
      doubt: 0,
      wasOk: true,
      results: [],
      dueMs: Infinity,
    }))
  }

  /** The next thing happens. */
  advance(): void {
    const delivery = this.deliveries[0]?.atMs ?? Infinity
    const prober = this.probers.reduce((first, each) =>
      timeOf(each) < timeOf(first) ? each : first,
    )
    const atMs = Math.min(delivery, timeOf(prober), this.nextTroubleMs, this.nextTrafficMs)
    this.pass(atMs - this.nowMs)
    if (atMs === delivery) this.deliver()
    else if (atMs === this.nextTroubleMs) this.trouble()
    else if (atMs === this.nextTrafficMs) this.report()
    else if (prober.nextMs <= prober.dueMs) this.probe(prober)
    else this.send(prober)
  }

  private pass(ms: number): void {
    this.nowMs += ms
    this.world.wait(ms)
    // An object that nobody called for ten seconds is put to rest.
    if (ms < 10_000 || this.chance() < 0.5) return
    this.restarts += 1
    this.world.restart()
  }

  private probe(prober: Prober): void {
    const isBlind = this.truth.cutOff.has(prober.region)
    const isOk = this.truth.isUp && !isBlind
    const atMs = this.nowMs + prober.skewMs
    const isNews = !isOk || !prober.wasOk || prober.doubt > 0
    prober.results.push(isOk ? resultOf({ atMs }) : failureOf({ atMs }))
    if (prober.results.length > 64) prober.results.shift()
    prober.doubt = isOk ? Math.max(0, prober.doubt - 1) : 3
    prober.wasOk = isOk
    const pauseMs = prober.doubt > 0 ? UNHEALTHY_INTERVAL_MS : INTERVAL_MS
    prober.nextMs = this.nowMs + pauseMs * (0.9 + this.chance() * 0.2)
    prober.dueMs = Math.min(prober.dueMs, this.nowMs + (isNews ? 1 : 30_000))
  }

  private send(prober: Prober): void {
    const { region } = prober
    prober.dueMs = Infinity
    prober.sequence += 1
    // It takes a few failures, elsewhere as well, until a prober knows that it is its own network.
    const isBlind = this.truth.cutOff.has(region) && prober.results.length > 1
    const { sequence, results } = prober
    const { plan } = this.world
    const report = probeReportOf(region, { sequence, isBlind, plan, results: [...results] })
    const luck = this.chance()
    if (luck < 0.01) {
      prober.dueMs = this.nowMs + 5000
      return
    }
    const delayMs = luck < 0.015 ? this.chance() * 40_000 : 50 + this.chance() * 250
    this.post(report, delayMs)
    if (luck > 0.99) this.post(report, this.chance() * 60_000)
    prober.results = []
    // A new process: what was not sent is lost, and so is its doubt.
    if (luck > 0.985 && luck < 0.987) Object.assign(prober, { doubt: 0, sequence: sequence + 1e6 })
  }

  private post(report: ProbeReport, delayMs: number): void {
    this.deliveries.push({ atMs: this.nowMs + delayMs, report })
    this.deliveries.sort((left, right) => left.atMs - right.atMs)
  }

  private deliver(): void {
    const delivery = this.deliveries.shift()
    if (delivery === undefined) return
    this.reports += 1
    this.world.dispatch({ type: 'probed', report: delivery.report })
    for (const names of this.world.urges.slice(this.urged)) {
      for (const prober of this.probers.filter(({ region }) => names.includes(region))) {
        prober.doubt = 3
        prober.nextMs = Math.min(prober.nextMs, this.nowMs + 100)
      }
    }
    this.urged = this.world.urges.length
  }

  /** Isolates say what they saw: one of them is broken itself, and sees more than all the others. */
  private report(): void {
    this.nextTrafficMs += 10_000
    if (this.world.health === 'unhealthy') return
    this.world.pass({ isolate: 'broken', requests: 300, failures: 300 })
    const failures = this.truth.isUp ? 0 : 30
    for (const isolate of ['a', 'b', 'c']) this.world.pass({ isolate, requests: 30, failures })
  }

  /** Something changes: the origin itself mostly. */
  private trouble(): void {
    this.unsettledAtMs = this.nowMs
    const luck = this.chance()
    const { isUp, cutOff } = this.truth
    if (!isUp || luck < 0.4) this.truth = { isUp: !isUp, cutOff }
    else if (luck < 0.7) this.truth = { isUp, cutOff: this.cut() }
    else if (luck < 0.85) this.world.nowMs += (this.chance() - 0.5) * 1_200_000
    else this.world.isHeard = !this.world.isHeard
    // Down for minutes, up for hours, and sometimes up for minutes only.
    const lastsMs = this.truth.isUp && this.chance() < 0.8 ? 10_800_000 : 600_000
    this.nextTroubleMs = this.nowMs + 10_000 + this.chance() * lastsMs
  }

  /** One region at most, so that a majority sees what is true. */
  private cut(): ReadonlySet<ProbeRegion> {
    const region = REGIONS[Math.floor(this.chance() * 5)]
    return new Set(region === undefined ? [] : [region])
  }
}

function timeOf({ nextMs, dueMs }: Prober): number {
  return Math.min(nextMs, dueMs)
}
