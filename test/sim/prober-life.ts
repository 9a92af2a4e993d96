import { ProbeRegion } from '../../src/schema/monitor.ts'
import { type ProberName, toProberName } from '../../src/schema/probe-plan.ts'
import type { ProberState } from '../../src/state/prober/state.ts'
import { type ProberEffect, type ProberEvent, prober } from '../../src/state/prober/prober.ts'
import type { Ground } from './ground.ts'
import { Life } from './life.ts'
import type { Peers, ProberPeer } from './peers.ts'

type EffectOf<Type> = Extract<ProberEffect, { type: Type }>

/** A prober, as `durable/prober.ts` carries it out. */
export class ProberLife extends Life<ProberState, ProberEvent, ProberEffect> implements ProberPeer {
  private readonly region: ProbeRegion
  private readonly peers: Peers

  constructor(name: string, peers: Peers, ground: Ground) {
    super(`prober:${name}`, prober, ground)
    this.region = ProbeRegion.parse(name.split('.')[0])
    this.peers = peers
  }

  urged(origin: string): void {
    if (this.state.targets[origin] !== undefined) this.dispatch({ type: 'urge', origin })
  }

  roused(name: ProberName, revision: number): void {
    this.dispatch({ type: 'rouse', name, revision })
  }

  protected begin(): ProberEvent {
    return { type: 'start' }
  }

  protected act(effect: ProberEffect): void {
    switch (effect.type) {
      case 'probe':
        return this.probe(effect)
      case 'report':
        return this.report(effect)
      case 'ask':
        return this.ask(effect)
    }
  }

  private probe({ check, monitor: { timeout } }: EffectOf<'probe'>): void {
    const { origin, monitor, startedMs } = check
    const follow = this.followUp()
    const end = { type: 'ended', origin, monitor, startedMs } as const
    const probed = this.peers.truth.probe(origin, this.region, timeout)
    // What never ends counts as lost in the end.
    if (this.ground.chance.has(this.ground.weather.lost / 4)) return
    this.ground.later(probed.latencyMs, () => follow({ ...end, ...probed }))
  }

  private report({ origin, report }: EffectOf<'report'>): void {
    const follow = this.followUp()
    this.ground.call({
      from: this.name,
      to: `origin:${origin}`,
      timeoutMs: 5000,
      act: () => this.peers.origin(origin).probed(report),
      done: (answer) => follow({ type: 'reported', origin, ok: answer !== undefined }),
    })
  }

  private ask({ name, revision }: EffectOf<'ask'>): void {
    const follow = this.followUp()
    this.ground.call({
      from: `prober:${toProberName(name)}`,
      to: 'control',
      timeoutMs: 15_000,
      act: () => this.peers.control.planOf(name, revision),
      done: (answer) =>
        follow(answer ? { type: 'planned', plan: answer.value } : { type: 'unplanned' }),
    })
  }
}
