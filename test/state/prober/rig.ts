import type { AuthoredConfig } from '../../../src/schema/config.ts'
import type { ProbePlan } from '../../../src/schema/probe-plan.ts'
import type { ProbeReport } from '../../../src/schema/report.ts'
import { toProbePlan } from '../../../src/state/prober/plan.ts'
import { type ProberEffect, type ProberEvent, prober } from '../../../src/state/prober/prober.ts'
import { INITIAL_PROBER, type ProberState } from '../../../src/state/prober/state.ts'
import { configOf } from './world.ts'

type MonitorSettings = NonNullable<AuthoredConfig['monitors']>[string]
type Origins = Readonly<Record<string, { readonly url: string }>>

/** The prober that the tests are about. */
export const NAME = { region: 'weur', shard: 0 } as const
/** When it begins. */
export const START_MS = 1_000_000_000

/** Three origins on three hosts. */
export const three: Origins = {
  a: { url: 'https://a.example.com' },
  b: { url: 'https://b.example.com' },
  c: { url: 'https://c.example.com' },
}

interface PlanParts {
  readonly revision?: number
  readonly monitor?: MonitorSettings
  readonly origins?: Origins
  readonly probing?: 'alarm' | 'cron'
}

/** The plan of one pool with one monitor, without jitter. */
export function planOf({
  revision = 1,
  monitor = {},
  origins,
  probing = 'alarm',
}: PlanParts): ProbePlan {
  const config = configOf({
    settings: { probing },
    monitors: { web: { regions: ['weur'], jitter: 0, ...monitor } },
    pools: { us: { monitor: 'web', origins: origins ?? { a: { url: 'https://a.example.com' } } } },
  })
  return toProbePlan(config, revision, NAME)
}

/** A prober with its plan, the effects of its last step, and a clock. */
export class Rig {
  nowMs = START_MS
  state: ProberState = INITIAL_PROBER
  effects: readonly ProberEffect[] = []

  constructor(parts: PlanParts) {
    this.step({ type: 'start' })
    this.step({ type: 'rouse', name: NAME, revision: 1 })
    this.step({ type: 'planned', plan: planOf(parts) })
  }

  step(event: ProberEvent | { readonly type: 'wake' }): readonly ProberEffect[] {
    const [state, effects] = prober.step(this.state, event, this.nowMs)
    this.state = state
    this.effects = effects
    return effects
  }

  /** Another process takes over, as after a rest: with what is kept, and the alarm that was armed. */
  restart(): void {
    const alarmMs = prober.wakeAtMs(this.state)
    const lost = Object.fromEntries(
      (prober.volatile ?? []).map((name) => [name, INITIAL_PROBER[name]]),
    )
    this.state = { ...this.state, ...lost }
    this.step({ type: 'start', alarmMs })
  }

  /** Rests until the next alarm, which wakes another process; how long that took. */
  rest(): number {
    const atMs = prober.wakeAtMs(this.state) ?? Number.NaN
    const passedMs = atMs - this.nowMs
    this.nowMs = atMs
    this.restart()
    return passedMs
  }

  /** Goes on to the next alarm; how long that took. */
  wake(): number {
    const atMs = Math.max(this.nowMs, prober.wakeAtMs(this.state) ?? Number.NaN)
    const passedMs = atMs - this.nowMs
    this.nowMs = atMs
    this.step({ type: 'wake' })
    return passedMs
  }

  /** Origins whose probes began with the last step. */
  get probed(): readonly string[] {
    return this.effects.flatMap((effect) => (effect.type === 'probe' ? effect.check.origin : []))
  }

  /** Reports that went out with the last step, in short. */
  get reported(): readonly (readonly [string, ...string[]])[] {
    return this.reports.map(({ plan, results }) => [plan.origin, ...results.map(inShort)] as const)
  }

  get reports(): readonly ProbeReport[] {
    return this.effects.flatMap((effect) => (effect.type === 'report' ? effect.report : []))
  }

  end(origin: string, outcome: 'ok' | 'slow' | 'refused' | 'timeout' = 'ok', afterMs = 0): void {
    this.nowMs += afterMs
    const startedMs = this.state.checks[`${origin}/web`]?.startedMs ?? 0
    const ok = outcome === 'ok' || outcome === 'slow'
    const detail = ok ? '' : outcome
    const latencyMs = this.nowMs - startedMs
    const isAnswered = outcome !== 'timeout'
    const head = { type: 'ended', origin, monitor: 'web', startedMs } as const
    this.step({ ...head, ok, isAnswered, latencyMs, detail })
  }

  arrive(origin: string): void {
    this.step({ type: 'reported', origin, ok: true })
  }
}

function inShort({ ok, detail }: ProbeReport['results'][number]): string {
  return ok ? 'ok' : detail
}
