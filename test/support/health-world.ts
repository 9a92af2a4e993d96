import type { ProbeRegion } from '../../src/schema/monitor.ts'
import type { OriginPlan } from '../../src/schema/probe-plan.ts'
import type {
  HealthReport,
  PassiveReport,
  ProbeReport,
  ProbeResult,
} from '../../src/schema/report.ts'
import { type OriginEffect, type OriginEvent, originHealth } from '../../src/state/health/origin.ts'
import { OriginState, judgeOrigin } from '../../src/state/health/origin-state.ts'
import { describe } from '../../src/state/health/standing.ts'
import type { Wake } from '../../src/state/machine.ts'
import { failureOf, originPlanOf, passiveReportOf, probeReportOf, resultOf } from './health.ts'

/** A moment: what matters is only how far apart two of them are. */
export const START_MS = 1_800_000_000_000

/** Fields that are a row each. */
const STORED = ['origin', 'plans', 'standing', 'heard', 'measuring', 'storedRegions'] as const

/** The object of one origin as its shell runs it: state, clock, alarm, and what is stored. */
export class HealthWorld {
  state: OriginState
  nowMs = START_MS
  plan: OriginPlan
  /** Whether the control object answers. */
  isHeard = true
  readonly told: HealthReport[] = []
  readonly urges: (readonly string[])[] = []
  /** How often something was stored, and how often the alarm was set. */
  rows = 0
  alarms = 0
  private readonly sequences = new Map<string, number>()
  /** By field: what was stored last, and what was read of it. */
  private readonly fields = new Map<string, { readonly stored: unknown; readonly read: unknown }>()

  constructor(plan: Partial<OriginPlan> = {}) {
    this.plan = originPlanOf(plan)
    this.state = originHealth.initial
    this.dispatch({ type: 'start', alarmAtMs: null })
  }

  get health() {
    return this.state.standing.health
  }

  /** The evidence of this moment. */
  get evidence(): string {
    return describe(this.state.standing, judgeOrigin(this.state, this.nowMs), this.nowMs)
  }

  dispatch(event: OriginEvent | Wake): readonly OriginEffect[] {
    const [next, effects] = originHealth.step(this.state, event, this.nowMs)
    this.count(next)
    this.state = next
    for (const effect of effects) {
      if (effect.type === 'urge') this.urges.push(effect.probers)
      else this.tell(effect.report)
    }
    return effects
  }

  /** One report with these results; a word for each: "ok", or what was wrong. */
  probe(
    region: ProbeRegion,
    results: readonly (string | ProbeResult)[],
    more: Partial<ProbeReport> = {},
  ): void {
    const sequence = (this.sequences.get(region) ?? 0) + 1
    this.sequences.set(region, sequence)
    const report = probeReportOf(region, {
      sequence,
      plan: this.plan,
      results: results.map((result) => (typeof result === 'string' ? toResult(result) : result)),
      ...more,
    })
    this.dispatch({ type: 'probed', report })
  }

  /** The same from several regions. */
  probeAll(regions: readonly ProbeRegion[], results: readonly string[]): void {
    for (const region of regions) this.probe(region, results)
  }

  /** Traffic of one isolate. */
  pass(report: Partial<PassiveReport> = {}): void {
    const isolate = report.isolate ?? 'a'
    const sequence = (this.sequences.get(`isolate ${isolate}`) ?? 0) + 1
    this.sequences.set(`isolate ${isolate}`, sequence)
    const full = passiveReportOf({ sequence, ...report })
    this.dispatch({ type: 'passed', origin: 'us-1', report: full })
  }

  /** Time passes, and alarms ring when they are due. */
  wait(ms: number): void {
    const untilMs = this.nowMs + ms
    for (let rung = 0; rung < 100_000; rung += 1) {
      const wakeAtMs = originHealth.wakeAtMs(this.state)
      if (wakeAtMs === undefined || wakeAtMs > untilMs) {
        this.nowMs = untilMs
        return
      }
      this.nowMs = Math.max(this.nowMs, wakeAtMs)
      this.dispatch({ type: 'wake' })
    }
    throw new Error('the alarm never rests')
  }

  /** The process ends, and another one takes over with what was stored. */
  restart(): void {
    const alarmAtMs = originHealth.wakeAtMs(this.state) ?? null
    // The alarm goes on.
    this.state = { ...this.read(), alarmAtMs }
    this.dispatch({ type: 'start', alarmAtMs })
  }

  /** What another process would find. */
  get stored(): OriginState {
    const volatile = (originHealth.volatile ?? []).map((name) => [name, originHealth.initial[name]])
    return { ...this.state, ...Object.fromEntries(volatile) }
  }

  /** What is stored, through JSON and the schema; only of what has changed since it was last read. */
  private read(): OriginState {
    const state: Record<string, unknown> = {}
    const all = Object.entries(this.stored) as [keyof OriginState, unknown][]
    for (const [name, stored] of all) {
      const last = this.fields.get(name)
      const isKnown = last !== undefined && (last.stored === stored || last.read === stored)
      const read = isKnown ? last.read : readField(name, stored)
      if (!isKnown) this.fields.set(name, { stored, read })
      state[name] = read
    }
    return state as OriginState
  }

  private tell(report: HealthReport): void {
    if (this.isHeard) this.told.push(report)
    const { sequence } = report
    this.dispatch({ type: this.isHeard ? 'heard' : 'unheard', sequence })
  }

  private count(next: OriginState): void {
    for (const name of STORED) if (next[name] !== this.state[name]) this.rows += 1
    if (next.alarmAtMs !== this.state.alarmAtMs) this.alarms += 1
    const [before, after] = [this.state.storedParts, next.storedParts]
    if (before === after) return
    this.rows += Object.entries(after).filter(([id, part]) => before[id] !== part).length
    this.rows += Object.keys(before).filter((id) => !(id in after)).length
  }
}

function readField(name: keyof OriginState, stored: unknown): unknown {
  return OriginState.shape[name].parse(JSON.parse(JSON.stringify(stored)))
}

/** "ok", or what was wrong. */
export function toResult(word: string): ProbeResult {
  return word === 'ok' ? resultOf() : failureOf({ detail: word })
}
