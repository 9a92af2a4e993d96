import type { AuthoredConfig, Config } from '../../../src/schema/config.ts'
import { parseConfig } from '../../../src/schema/parse-config.ts'
import { type ProbePlan, type ProberName, toProberName } from '../../../src/schema/probe-plan.ts'
import type { ProbeReport } from '../../../src/schema/report.ts'
import { toProbePlan, toProbers } from '../../../src/state/prober/plan.ts'
import { type ProberEffect, type ProberEvent, prober } from '../../../src/state/prober/prober.ts'
import { connectionsOf } from '../../../src/state/prober/schedule.ts'
import { INITIAL_PROBER, type ProberState } from '../../../src/state/prober/state.ts'

/** How an origin answers a probe: after how long, and how; no time at all is never. */
export interface Behaviour {
  readonly afterMs: number | undefined
  readonly ok: boolean
}

/** What a world is made from. `behave` says how an origin is at a moment, as seen from a region. */
export interface WorldParts {
  readonly config: Config
  readonly seed: number
  readonly behave: (origin: string, region: string, atMs: number) => Behaviour
  /** Whether the object of an origin takes a report at a moment. */
  readonly takes?: (origin: string, atMs: number) => boolean
  /** After so long without anything under way a process ends. Without it a process lives for ever. */
  readonly restMs?: number
  /** How late an alarm comes at most. */
  readonly alarmLateMs?: number
}

/** What one check saw in a world. */
export interface Course {
  readonly intervalMs: number
  readonly jitter: number
  readonly starts: number[]
}

/** A report that arrived. */
export interface Arrival {
  readonly atMs: number
  readonly report: ProbeReport
}

/** What happened in a world. */
export interface History {
  /** By prober, origin and monitor. */
  readonly courses: ReadonlyMap<string, Course>
  readonly arrivals: readonly Arrival[]
  readonly probers: number
  readonly probes: number
  readonly reports: number
  readonly alarms: number
  readonly processes: number
  /** Rows written for what is kept of doubt. */
  readonly doubtRows: number
  mostInFlight: number
}

/** A configuration that must be right. */
export function configOf(authored: AuthoredConfig): Config {
  const parsed = parseConfig(authored)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems, undefined, 2))
  return parsed.config
}

/** So many origins, one host each. */
export function originsOf(count: number, prefix = 'o'): Record<string, { url: string }> {
  const ids = Array.from({ length: count }, (_, at) => `${prefix}-${String(at).padStart(4, '0')}`)
  return Object.fromEntries(ids.map((id) => [id, { url: `https://${id}.example.com` }]))
}

type Writable = { -readonly [Key in keyof History]: History[Key] } & {
  courses: Map<string, Course>
  arrivals: Arrival[]
}

/** Runs all probers of a configuration for so long. They do not know of each other: one after the other. */
export function run(parts: WorldParts, durationMs: number): History {
  const history: Writable = {
    courses: new Map(),
    arrivals: [],
    probers: 0,
    probes: 0,
    reports: 0,
    alarms: 0,
    processes: 0,
    doubtRows: 0,
    mostInFlight: 0,
  }
  for (const name of toProbers(parts.config)) {
    history.probers += 1
    new Life(name, parts, history).live(durationMs)
  }
  return history
}

interface Pending {
  readonly atMs: number
  readonly event: ProberEvent
}

/** One prober from its first call on. */
class Life {
  private nowMs = 1_700_000_000_000
  private state: ProberState = INITIAL_PROBER
  private readonly pending: Pending[] = []
  /** Cut once: it is of one revision all the time. */
  private plan: ProbePlan | undefined
  private readonly chance: () => number
  private readonly name: ProberName
  private readonly parts: WorldParts
  private readonly history: Writable

  constructor(name: ProberName, parts: WorldParts, history: Writable) {
    this.name = name
    this.parts = parts
    this.history = history
    this.chance = chances(parts.seed + name.shard)
  }

  live(durationMs: number): void {
    const endMs = this.nowMs + durationMs
    this.begin(undefined)
    this.step({ type: 'rouse', name: this.name, revision: 1 })
    for (;;) {
      const next = this.first()
      const wakeMs = prober.wakeAtMs(this.state) ?? Infinity
      // An alarm comes a little late, and never before its time.
      const alarmMs = Math.max(this.nowMs, wakeMs) + this.chance() * (this.parts.alarmLateMs ?? 50)
      const atMs = Math.min(next?.atMs ?? Infinity, alarmMs)
      if (atMs > endMs) return
      const isRested = next === undefined && atMs - this.nowMs > (this.parts.restMs ?? Infinity)
      this.nowMs = atMs
      if (isRested) this.begin(wakeMs)
      if (next !== undefined && next.atMs <= alarmMs) {
        this.pending.splice(this.pending.indexOf(next), 1)
        this.step(next.event)
      } else {
        this.history.alarms += 1
        this.step({ type: 'wake' })
      }
    }
  }

  /** A new process takes over from what is kept. */
  private begin(alarmMs: number | undefined): void {
    const { initial, volatile = [] } = prober
    const lost = Object.fromEntries(volatile.map((name) => [name, initial[name]]))
    this.state = { ...this.state, ...lost }
    this.history.processes += 1
    this.step({ type: 'start', alarmMs })
  }

  private step(event: ProberEvent | { readonly type: 'wake' }): void {
    const [state, effects] = prober.step(this.state, event, this.nowMs)
    const { doubts } = this.state
    if (state.doubts !== doubts) this.history.doubtRows += countChanges(doubts, state.doubts)
    this.state = state
    this.history.mostInFlight = Math.max(this.history.mostInFlight, connectionsOf(state))
    for (const effect of effects) this.act(effect)
  }

  private act(effect: ProberEffect): void {
    const roundTripMs = 5 + this.chance() * 100
    if (effect.type === 'ask') {
      this.plan ??= toProbePlan(this.parts.config, 1, this.name)
      this.later(roundTripMs, { type: 'planned', plan: this.plan })
    } else if (effect.type === 'probe') this.probe(effect)
    else {
      const { origin, report } = effect
      const ok = this.parts.takes?.(origin, this.nowMs) ?? true
      this.history.reports += 1
      if (ok) this.history.arrivals.push({ atMs: this.nowMs, report })
      this.later(roundTripMs, { type: 'reported', origin, ok })
    }
  }

  private probe({ check, monitor }: Extract<ProberEffect, { type: 'probe' }>): void {
    const { origin, monitor: id, startedMs } = check
    this.history.probes += 1
    const key = `${toProberName(this.name)} ${origin} ${id}`
    const { interval: intervalMs, jitter } = monitor
    const course = this.history.courses.get(key) ?? { intervalMs, jitter, starts: [] }
    course.starts.push(this.nowMs)
    this.history.courses.set(key, course)
    const { afterMs, ok } = this.parts.behave(origin, this.name.region, this.nowMs)
    const isInTime = afterMs !== undefined && afterMs < monitor.timeout
    // A timer is late on a machine that has other things to do.
    const latencyMs = isInTime ? afterMs : monitor.timeout + this.chance() * 20
    const detail = isInTime ? (ok ? '' : 'status 503') : 'no answer'
    const head = { type: 'ended', origin, monitor: id, startedMs, latencyMs, detail } as const
    this.later(latencyMs, { ...head, ok: isInTime && ok, isAnswered: isInTime })
  }

  /** The first that comes; of two in one moment, the one that was begun first. */
  private first(): Pending | undefined {
    let first: Pending | undefined
    for (const each of this.pending) if (first === undefined || each.atMs < first.atMs) first = each
    return first
  }

  private later(afterMs: number, event: ProberEvent): void {
    this.pending.push({ atMs: this.nowMs + afterMs, event })
  }
}

/** How many rows were written, or taken away. */
function countChanges(before: ProberState['doubts'], after: ProberState['doubts']): number {
  const keys = Object.keys({ ...before, ...after })
  return keys.filter((key) => before[key] !== after[key]).length
}

/** The pauses between the starts of a check. */
export function toPauses({ starts }: Course): number[] {
  return starts.slice(1).map((at, index) => at - (starts[index] ?? at))
}

/** Mulberry32: chances in [0, 1) from a seed. */
export function chances(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000
  }
}
