import type { HealthReport, Measure, PassiveReport, ProbeReport } from '../../src/schema/report.ts'
import { reportAfterMs } from '../../src/state/health/pace.ts'
import type { OriginState } from '../../src/state/health/origin-state.ts'
import { type OriginEffect, type OriginEvent, originHealth } from '../../src/state/health/origin.ts'
import { measureTraffic } from '../../src/state/health/traffic.ts'
import type { Ground } from './ground.ts'
import { Life } from './life.ts'
import type { OriginPeer, Peers } from './peers.ts'

/** The object of an origin, as `durable/origin.ts` carries it out. */
export class OriginLife extends Life<OriginState, OriginEvent, OriginEffect> implements OriginPeer {
  private readonly id: string
  private readonly peers: Peers

  constructor(id: string, peers: Peers, ground: Ground) {
    super(`origin:${id}`, originHealth, ground)
    this.id = id
    this.peers = peers
  }

  probed(report: ProbeReport): void {
    this.dispatch({ type: 'probed', report })
  }

  passed(report: PassiveReport): number {
    this.dispatch({ type: 'passed', origin: this.id, report })
    return reportAfterMs(this.state.isolates)
  }

  measured(sinceMs: number): Measure {
    this.dispatch({ type: 'measured' })
    return measureTraffic(this.state.traffic, sinceMs, this.clockMs)
  }

  protected begin(alarmAtMs: number | null): OriginEvent {
    return { type: 'start', alarmAtMs }
  }

  protected act(effect: OriginEffect): void {
    if (effect.type === 'tell') this.tell(effect.report)
    else for (const prober of effect.probers) this.urge(prober)
  }

  private tell(report: HealthReport): void {
    const { sequence } = report
    const follow = this.followUp()
    this.ground.call({
      from: this.name,
      to: 'control',
      timeoutMs: 10_000,
      act: () => this.peers.control.heardOf(report),
      done: (answer) => follow({ type: answer ? 'heard' : 'unheard', sequence }),
    })
  }

  private urge(prober: string): void {
    const { id, name: from } = this
    const act = () => this.peers.prober(prober).urged(id)
    this.ground.call({ from, to: `prober:${prober}`, timeoutMs: 5000, act })
  }
}
