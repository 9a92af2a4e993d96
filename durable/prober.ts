import type * as z from 'zod'
import type { Env } from '../src/env.ts'
import {
  type ProbeEnd,
  type ProberEffect,
  type ProberEvent,
  prober,
} from '../src/state/prober/prober.ts'
import { connectionsOf } from '../src/state/prober/schedule.ts'
import { PROBER_LIMITS, type ProberState } from '../src/state/prober/state.ts'
import { createControlClient } from './control-methods.ts'
import { MachineObject, type MethodTable, method } from './machine.ts'
import { createOriginClient } from './origin-methods.ts'
import { type ProberMethods, RouseInput, TryInput, UrgeInput } from './prober-methods.ts'
import { performProbe } from './probe/perform.ts'
import { toProbeRequest } from './probe/request.ts'
import { createTrials } from './probe/trials.ts'

/** How long a report, and the question for the plan, may take. A plan of thousands of origins is megabytes. */
const REPORT_TIMEOUT_MS = 5000
const PLAN_TIMEOUT_MS = 15_000

/** How often a trial looks whether a connection is free; it waits for one probe at most. */
const ROOM_POLL_MS = 25

/** Probes origins from the place where it stands. One or several for a region. */
export class Prober extends MachineObject<ProberState, ProberEvent, ProberEffect> {
  protected readonly machine = prober
  protected readonly methods: MethodTable<ProberMethods> = {
    rouse: method(RouseInput, (input) => this.rouse(input)),
    urge: method(UrgeInput, (input) => this.urge(input)),
    try: method(TryInput, async ({ targets }) => ({ items: await this.trials.run(targets) })),
  }

  /** When the alarm that rang last was to ring. */
  private rangForMs: number | undefined
  private readonly env: Env
  private readonly trials: ReturnType<typeof createTrials>

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx)
    this.env = env
    this.trials = createTrials(env, (count) => this.leaveRoom(count))
  }

  override async alarm(info?: AlarmInvocationInfo): Promise<void> {
    this.rangForMs = info?.scheduledTime
    await super.alarm()
  }

  protected async begin(): Promise<ProberEvent> {
    const alarmMs = this.rangForMs ?? (await this.storage.getAlarm()) ?? undefined
    return { type: 'start', alarmMs }
  }

  protected write(): void {
    // All that is kept is in the state.
  }

  protected async run(): Promise<undefined> {
    return undefined
  }

  /** Every effect reaches out of this object: nobody waits for any of them. */
  protected override async reach(effect: ProberEffect): Promise<ProberEvent> {
    switch (effect.type) {
      case 'probe':
        return this.probe(effect)
      case 'report': {
        const { origin, report } = effect
        const client = createOriginClient(this.env, origin, REPORT_TIMEOUT_MS)
        const { ok } = await client.call('probed', { report })
        return { type: 'reported', origin, ok }
      }
      case 'ask': {
        const { name, revision } = effect
        const client = createControlClient(this.env, PLAN_TIMEOUT_MS)
        const called = await client.call('probePlan', { name, revision })
        return called.ok ? { type: 'planned', plan: called.value } : { type: 'unplanned' }
      }
    }
  }

  private async probe({ check, target, monitor }: ProbeEffect): Promise<ProbeEnd> {
    const { origin, startedMs } = check
    const head = { type: 'ended', origin, monitor: check.monitor, startedMs } as const
    const prepared = toProbeRequest(target, monitor, this.env)
    if (!prepared.ok) {
      // Nothing was sent, so that it says nothing of the network.
      return { ...head, ok: false, isAnswered: true, latencyMs: 0, detail: prepared.detail }
    }
    const { ok, isAnswered, latencyMs, detail } = await performProbe(prepared.request, 'probe')
    return { ...head, ok, isAnswered, latencyMs, detail }
  }

  private async rouse({ name, revision }: z.output<typeof RouseInput>) {
    await this.dispatch({ type: 'rouse', name, revision })
    return { revision: this.log.plan.revision, targets: Object.keys(this.log.targets).length }
  }

  private async urge({ origin }: z.output<typeof UrgeInput>) {
    const known = this.log.targets[origin] !== undefined
    if (known) await this.dispatch({ type: 'urge', origin })
    return { known }
  }

  /** Resolves when the probes under way leave so many connections to trials. */
  private async leaveRoom(trials: number): Promise<void> {
    await this.dispatch({ type: 'trials', count: trials })
    while (connectionsOf(this.log) > PROBER_LIMITS.inFlight) {
      await new Promise((resolve) => setTimeout(resolve, ROOM_POLL_MS))
    }
  }
}

type ProbeEffect = Extract<ProberEffect, { type: 'probe' }>
