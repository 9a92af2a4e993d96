import type { Env } from '../src/env.ts'
import { ProbeRegion } from '../src/schema/monitor.ts'
import type { ProberName } from '../src/schema/probe-plan.ts'
import type { HealthReport } from '../src/schema/report.ts'
import { type OriginEffect, type OriginEvent, originHealth } from '../src/state/health/origin.ts'
import { leaseOf } from '../src/state/health/leases.ts'
import { reportAfterMs } from '../src/state/health/pace.ts'
import type { OriginState } from '../src/state/health/origin-state.ts'
import { measureTraffic } from '../src/state/health/traffic.ts'
import { createControlClient } from './control-methods.ts'
import { MachineObject, type MethodTable, method } from './machine.ts'
import { toOriginDetail } from './origin-detail.ts'
import { DetailInput, MeasureInput, PassedInput, ProbedInput } from './origin-inputs.ts'
import type { OriginMethods } from './origin-methods.ts'
import { createProberClient } from './prober-methods.ts'

/** Less than the lease of an attempt to tell. */
const TELL_TIMEOUT_MS = 10_000
/** A prober that does not answer at once is of no help: its next report comes by itself. */
const URGE_TIMEOUT_MS = 5000

/** The object of one origin: its health, and the counts of its traffic. One for each origin, by its id. */
export class Origin extends MachineObject<OriginState, OriginEvent, OriginEffect> {
  protected readonly machine = originHealth
  protected readonly methods: MethodTable<OriginMethods> = {
    probed: method(ProbedInput, async ({ report }) => {
      await this.dispatch({ type: 'probed', report })
      return { health: this.log.standing.health }
    }),
    passed: method(PassedInput, async ({ origin, report }) => {
      await this.dispatch({ type: 'passed', origin, report })
      const { isolates } = this.log
      const lease = leaseOf(isolates, report, Date.now())
      return { reportAfterMs: reportAfterMs(isolates), ...lease }
    }),
    measure: method(MeasureInput, async ({ sinceMs }) => {
      await this.dispatch({ type: 'measured' })
      return measureTraffic(this.log.traffic, sinceMs, Date.now())
    }),
    detail: method(DetailInput, async ({ origin, isDraining }) => {
      if (isDraining) await this.dispatch({ type: 'measured' })
      return toOriginDetail(this.log, origin, Date.now())
    }),
  }

  private readonly env: Env

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx)
    this.env = env
  }

  protected async begin(): Promise<OriginEvent> {
    return { type: 'start', alarmAtMs: await this.storage.getAlarm() }
  }

  /** All that is stored is the state. */
  protected write(): void {}

  protected async run(): Promise<undefined> {
    return undefined
  }

  protected override reach(effect: OriginEffect): Promise<OriginEvent | undefined> {
    return effect.type === 'tell' ? this.tell(effect.report) : this.urge(effect)
  }

  private async tell(report: HealthReport): Promise<OriginEvent> {
    const { sequence } = report
    const control = createControlClient(this.env, TELL_TIMEOUT_MS)
    const told = await control.call('health', { report })
    return { type: told.ok ? 'heard' : 'unheard', sequence }
  }

  private async urge({
    origin,
    probers,
  }: Extract<OriginEffect, { type: 'urge' }>): Promise<undefined> {
    const names = probers.flatMap((name) => fromProberName(name) ?? [])
    // Whoever does not hear it probes at its usual pace.
    await Promise.all(
      names.map((name) =>
        createProberClient(this.env, name, URGE_TIMEOUT_MS).call('urge', { origin }),
      ),
    )
    return undefined
  }
}

/** The reverse of `toProberName`; undefined for a name that is none. */
function fromProberName(text: string): ProberName | undefined {
  const [region, shard = '0'] = text.split('.')
  const parsed = ProbeRegion.safeParse(region)
  return parsed.success ? { region: parsed.data, shard: Number(shard) } : undefined
}
